"""`python -m nachim` is `nachim`."""

from nachim.cli import main

if __name__ == "__main__":
    main()
