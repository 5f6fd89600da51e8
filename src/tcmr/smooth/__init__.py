"""Post-filters: a motion's rotations through a filter in time, and everything that hangs on them."""
