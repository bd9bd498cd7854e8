"""`python -m numbacnn`: the command line, for where the program `numbacnn` is not on the path."""
import sys

try:
    from numbacnn.cli import main
except ModuleNotFoundError as error:
    if error.name != "numbacnn.cli":
        raise
    sys.exit("numbacnn: error: this folder holds numbacnn's sources, which are not installed; run `pip install -e .` here, or "
             "go to another folder to use the numbacnn that is installed")

if __name__ == "__main__":
    main()
