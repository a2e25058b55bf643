"""``python -m service.translations``: compile; ``update``: collect messages; ``--check``: say what is out of date."""

from __future__ import annotations

import sys

from service.translations import catalogue

USAGE = "usage: python -m service.translations [update | --check]"


def main(arguments: list[str]) -> int:
    """Do what ``arguments`` say and return the exit code."""
    if arguments == ["update"]:
        catalogue.update()
    elif arguments == ["--check"]:
        found = list(catalogue.problems())
        sys.stderr.writelines(f"{problem}\n" for problem in found)
        return 1 if found else 0
    elif arguments:
        sys.stderr.write(f"{USAGE}\n")
        return 2
    catalogue.compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
