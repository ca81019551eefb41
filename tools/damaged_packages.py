"""Print the installed packages of which a module is missing, on one line. `make setup` installs them anew."""

from importlib.metadata import Distribution, distributions
from pathlib import Path


def is_damaged(package: Distribution) -> bool:
    """Return whether a module is missing that the package has installed."""
    return any(path.suffix == ".py" and not Path(path.locate()).exists() for path in package.files or ())


if __name__ == "__main__":
    print(*(package.name for package in distributions() if is_damaged(package)))
