"""The commands of `tcmr`, a module each, with a function `main` whose parameters are the command's."""
