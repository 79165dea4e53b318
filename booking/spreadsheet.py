"""Tables that others open in a spreadsheet: lines of CSV (RFC 4180) in which nothing reckons."""

import csv
import io
import re
from collections.abc import Iterable

# What a spreadsheet takes for a formula when a cell begins with it (OWASP, CSV injection). A cell
# begins wherever it splits: where the comma is the decimal sign that is at semicolons, also in what
# quotes hold together for everybody else.
FORMULA = re.compile(r'(?:^|(?<=[;\t\n]))(?="*[=+\-@\t])')
# What `csv_line` has put before one.
MARKED = re.compile(r'(?:^|(?<=[;\t\n]))\'(?="*[=+\-@\t])')


def csv_line(cells: Iterable[object]) -> str:
    """Return a line of the table (RFC 4180), in which no cell is a formula to a spreadsheet."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(
        [
            # A number is one to a spreadsheet, too, whatever its sign.
            cell if isinstance(cell, (int, float)) else "" if cell is None else _harmless(str(cell))
            for cell in cells
        ]
    )
    return out.getvalue()


def as_written(cell: str) -> str:
    """Return the text that `csv_line` has made a cell of."""
    return MARKED.sub("", cell)


def _harmless(text: str) -> str:
    """Return a cell that is text whatever it holds."""
    # A line of the table ends with CR LF, and nothing else does.
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    text = text.encode(errors="replace").decode()
    return FORMULA.sub("'", text)
