"""`python -m harness`, and the program of an installed package."""

import sys


def start() -> None:
    """Run the command line, or say which package is missing."""
    try:
        from harness.cli.main import main
    except ModuleNotFoundError as error:
        from harness.util.command_line import missing_module

        print(f"harness: {missing_module(error.name)}", file=sys.stderr)
        sys.exit(2)
    main()


if __name__ == "__main__":
    start()
