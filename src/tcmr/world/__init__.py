"""A motion in the world: one body for a person, a path in metres, gravity, and feet that stand."""
