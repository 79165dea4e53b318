"""The texts of consent: each version says what it said when somebody agreed to it."""

import hashlib

import pytest

from showroom.texts import Words
from web.consents import TEXTS
from web.words import LANGUAGES

# The first digits of the SHA-256 of each text. One that changes gets a version of its own, and a
# line here; the old version keeps its text under another key.
DIGESTS: dict[tuple[str, str], str] = {
    ("request-1", "de"): "913da034a427",
    ("request-1", "en"): "17e4ffd1fc47",
    ("request-1", "es"): "3bd480157def",
    ("request-1", "fr"): "0a2304766bc0",
    ("request-1", "it"): "c20e3485a9b3",
    ("request-1", "nl"): "9f973eddbbb3",
    ("request-1", "pt"): "7fe58996cc87",
    ("marketing-1", "de"): "a88a080274e1",
    ("marketing-1", "en"): "585e0d2ca39d",
    ("marketing-1", "es"): "a9d6b37ce07c",
    ("marketing-1", "fr"): "b66c07a5f73d",
    ("marketing-1", "it"): "efa89ec2fc08",
    ("marketing-1", "nl"): "0b70af8fda18",
    ("marketing-1", "pt"): "7530de3e0e08",
    ("sheet-contact-1", "de"): "306c249fc1dd",
    ("sheet-contact-1", "en"): "5fbe69ab22c3",
    ("sheet-contact-1", "es"): "3ad52cfd3c32",
    ("sheet-contact-1", "fr"): "8c47c9b8a4e7",
    ("sheet-contact-1", "it"): "67604091d4cb",
    ("sheet-contact-1", "nl"): "109c9ccb4d66",
    ("sheet-contact-1", "pt"): "87eaf24c8ae2",
    ("sheet-marketing-1", "de"): "9f8d7cc6e53e",
    ("sheet-marketing-1", "en"): "5d5562ced808",
    ("sheet-marketing-1", "es"): "9dbdac978058",
    ("sheet-marketing-1", "fr"): "07b469bc08f0",
    ("sheet-marketing-1", "it"): "19090178392d",
    ("sheet-marketing-1", "nl"): "167b6ecb9006",
    ("sheet-marketing-1", "pt"): "e09c0b8e911d",
    ("visit-1", "de"): "6ef635800836",
    ("visit-1", "en"): "82ef30ce5e1c",
    ("visit-1", "es"): "d1dca04c9d96",
    ("visit-1", "fr"): "1614a49f854d",
    ("visit-1", "it"): "cb548e7d0e14",
    ("visit-1", "nl"): "8156144fb3a9",
    ("visit-1", "pt"): "66ea17614f5d",
    ("call-back-1", "de"): "c1f583b8a36b",
    ("call-back-1", "en"): "56e190b3ef5b",
    ("call-back-1", "es"): "9be9cc38cd2d",
    ("call-back-1", "fr"): "6add010668d8",
    ("call-back-1", "it"): "211ee5d827d9",
    ("call-back-1", "nl"): "2c78fd6a5521",
    ("call-back-1", "pt"): "202bf498597d",
}


@pytest.mark.parametrize("version", TEXTS)
def test_a_text_of_consent_changes_only_with_its_version(version: str) -> None:
    words = Words(LANGUAGES)
    for language in words.languages:
        text = words.of(language, TEXTS[version].rpartition(".")[0])[TEXTS[version]]
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        assert DIGESTS.get((version, language)) == digest, text
