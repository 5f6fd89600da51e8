"""`python -m tcmr` is `tcmr`."""

from tcmr.cli import main

if __name__ == "__main__":
    main()
