"""A console for tables, by rich, that prints every text literally: escaped, without markup."""

import os
import sys
from typing import IO, Any

from rich.console import Console
from rich.text import Text

from netspec.text import printable

NARROWEST = 40  # columns


class Screen(Console):
    """Standard output, or `stream`; `width`, in columns, where that is no terminal."""

    def __init__(self, width: int | None = None, stream: IO[str] | None = None) -> None:
        live = (stream or sys.stdout).isatty()
        variables = dict(os.environ)
        if not variables.get("COLUMNS", "").isdigit() or int(variables["COLUMNS"]) < NARROWEST:
            variables.pop("COLUMNS", None)  # with no columns nothing is printed
        super().__init__(
            file=stream,
            highlight=False,
            emoji=False,
            markup=False,
            width=None if live else width,
            _environ=variables,
        )

    def render_str(self, text: str, *, style: Any = "", justify: Any = None, overflow: Any = None, **_: Any) -> Text:
        """Every text that is printed, a table's cells and titles included, is rendered here."""
        return Text(printable(text), style=style, justify=justify, overflow=overflow)
