"""Pickles from strangers, read without running what they name."""
