"""Where the pages' texts are, and which language a visitor wants."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from babel import Locale

from showroom.texts import home_of

LANGUAGES = Path(__file__).parent / "languages"


def choose_language(
    offered: Sequence[str], asked: str | None, remembered: str | None, accepted: str
) -> str:
    """Return the language to show: asked for by a link, chosen before, or the browser's.

    `accepted` is the Accept-Language header (RFC 9110 §12.5.4); without a match the first of
    `offered` is shown. Who wants a country's way of a language (pt-BR) gets the language.
    """
    wishes = (asked, remembered, *_ranked(accepted))
    return next(filter(None, (meant(offered, wish) for wish in wishes)), offered[0])


def own_names(languages: Iterable[str]) -> dict[str, str]:
    """Return each language's name in itself, as whoever reads it looks for it: 'Deutsch'."""
    return {code: _own_name(code) for code in languages}


def _ranked(accepted: str) -> list[str]:
    ranked = []
    for place, part in enumerate(accepted.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            ranked.append((-float(weight or 1), place, tag))
        except ValueError:
            continue
    return [tag for _, _, tag in sorted(ranked)]


def meant(offered: Sequence[str], wish: str | None) -> str | None:
    """Return the offered language that a tag (BCP 47) means, if there is one."""
    tags = (wish or "", (wish or "").partition("-")[0].lower())
    return next((tag for tag in tags if tag in offered), None)


@cache
def _own_name(code: str) -> str:
    home = home_of(code)
    name = Locale.parse(home.language).display_name if home.language == code else None
    return (name or code)[:1].upper() + (name or code)[1:]
