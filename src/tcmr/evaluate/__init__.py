"""How good a motion is: metrics, protocols on known data, and the tables that report them."""
