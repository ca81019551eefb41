"""`python -m harness`."""

import sys

try:
    from harness.cli.main import main
except ModuleNotFoundError as error:
    print(f"harness: {error.name} is missing: run 'make setup', then '.venv/bin/python -m harness'", file=sys.stderr)
    sys.exit(2)

if __name__ == "__main__":
    main()
