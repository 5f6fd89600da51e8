"""Training: losses, the two stages of the open weights, the loop, checkpoints."""
