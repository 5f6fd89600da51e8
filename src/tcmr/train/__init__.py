"""Training: losses, the three stages of the open weights, the loop, checkpoints."""
