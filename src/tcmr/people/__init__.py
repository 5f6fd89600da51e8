"""Who is where in every frame: detection and tracking."""
