"""`python -m harness`."""

import sys

try:
    from harness.cli import main
except ModuleNotFoundError as error:
    sys.exit(f"harness: {error.name} is not installed here: 'make setup', then '.venv/bin/python -m harness'")

if __name__ == "__main__":
    main()
