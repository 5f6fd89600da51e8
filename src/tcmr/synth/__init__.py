"""Training data that is made: rendered clips of captured motion, and simulated landmarks."""
