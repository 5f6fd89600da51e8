"""Make the pictures of README and docs out of a real run."""
