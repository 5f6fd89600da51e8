"""Many videos: which, what was done, and by whom; safe to stop at any moment and start again."""
