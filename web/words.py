"""The pages' texts by language, and which language a visitor wants."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LANGUAGES = Path(__file__).parent / "languages"

Translate = Callable[..., str]


class Words:
    """All texts: `languages/<language>.json`, flat keys, `{name}` for what is filled in."""

    def __init__(self, folder: Path = LANGUAGES) -> None:
        self._texts: dict[str, dict[str, str]] = {
            file.stem: json.loads(file.read_text(encoding="utf-8"))
            for file in sorted(folder.glob("*.json"))
        }

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the pages speak."""
        return tuple(self._texts)

    def of(self, language: str, *parts: str) -> Mapping[str, str]:
        """Return the texts whose key begins with one of `parts`, for the scripts of a page."""
        starts = tuple(f"{part}." for part in parts)
        return {key: text for key, text in self._texts[language].items() if key.startswith(starts)}

    def translator(self, language: str) -> Translate:
        """Return `t(key, **values)`. A missing key shows itself rather than an empty place."""
        texts = self._texts[language]

        def t(key: str, **values: object) -> str:
            text = texts.get(key, key)
            for name, value in values.items():
                text = text.replace(f"{{{name}}}", str(value))
            return text

        return t


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
