"""Texts by language: what pages and letters say."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

Translate = Callable[..., str]


class Words:
    """All texts of a folder: `<language>.json`, flat keys, `{name}` for what is filled in."""

    def __init__(self, folder: Path) -> None:
        self._texts: dict[str, dict[str, str]] = {
            file.stem: json.loads(file.read_text(encoding="utf-8"))
            for file in sorted(folder.glob("*.json"))
        }
        # What pages ask for is always the same, and finding it would be half of a small page.
        self._found: dict[tuple[str, ...], Mapping[str, str]] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that there are."""
        return tuple(self._texts)

    def of(self, language: str, *parts: str) -> Mapping[str, str]:
        """Return the texts whose key begins with one of `parts`, for a page's scripts."""
        if (language, *parts) not in self._found:
            starts = tuple(f"{part}." for part in parts)
            found = {key: t for key, t in self._texts[language].items() if key.startswith(starts)}
            self._found[language, *parts] = MappingProxyType(found)
        return self._found[language, *parts]

    def translator(self, language: str) -> Translate:
        """Return `t(key, **values)`. A missing key shows itself rather than an empty place."""
        texts = self._texts[language]

        def t(key: str, **values: object) -> str:
            text = texts.get(key, key)
            for name, value in values.items():
                text = text.replace(f"{{{name}}}", str(value))
            return text

        return t
