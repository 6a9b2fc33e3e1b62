"""The command `netspec`, and `python -m netspec`: a wrong environment is reported before anything is imported."""

import contextlib
import importlib
import sys

from netspec.errors import NetSpecError
from netspec.surroundings import check_surroundings
from netspec.text import printable


def main() -> None:
    """Run the command line (`runtime.cli`), and exit."""
    try:
        check_surroundings()
    except NetSpecError as wrong:
        with contextlib.suppress(OSError):
            print(printable(f"netspec: {wrong}"), file=sys.stderr)
        sys.exit(wrong.exit_code)
    importlib.import_module("runtime.cli").main()


if __name__ == "__main__":
    main()
