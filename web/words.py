"""Where the pages' texts are, and which language a visitor wants."""

from collections.abc import Sequence
from pathlib import Path

LANGUAGES = Path(__file__).parent / "languages"


def choose_language(
    offered: Sequence[str], asked: str | None, remembered: str | None, accepted: str
) -> str:
    """Return the language to show: asked for by a link, chosen before, or the browser's.

    `accepted` is the Accept-Language header (RFC 9110 §12.5.4); without a match the first of
    `offered` is shown.
    """
    for wish in (asked, remembered):
        if wish in offered:
            return str(wish)
    ranked = []
    for place, part in enumerate(accepted.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            ranked.append((-float(weight or 1), place, tag.split("-")[0].lower()))
        except ValueError:
            continue
    return next((tag for _, _, tag in sorted(ranked) if tag in offered), offered[0])
