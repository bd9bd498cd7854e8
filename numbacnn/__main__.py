"""`python -m numbacnn`: the command line, for where the program `numbacnn` is not on the path."""
from numbacnn.cli import main

if __name__ == "__main__":
    main()
