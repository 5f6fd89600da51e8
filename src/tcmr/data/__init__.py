"""Training data: what the stages before left on disk, as tensors."""
