"""What letters say: in the customer's language and time, and only what we wanted to say."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.letters import Topic
from booking.writing import HERE, Known, Letter, Rows, Writer
from showroom.texts import LANGUAGES, Words
from tests.booking.visits import DAY_MS, VISIT_AT, AVisit
from tests.samples import a_showroom

ADDRESS = "https://live.example.com"
PARIS = a_showroom()
WRITER = Writer(ADDRESS)
KNOWN = Known(advisor="Alice Martin", vehicle="Crête")
LINK = f"{ADDRESS}/v/2vFQ0m8cT1yq0e7rXbWzLg"
TEXTS = {language: Words(HERE / "languages").all(language) for language in LANGUAGES}
# Attributes by which a mail could load something, or run it.
LOADING = {"src", "srcset", "background", "poster", "data", "action"}


class Page(HTMLParser):
    """What a mail program sees in a letter."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.said = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.said += data


def a_letter(topic: Topic = Topic.BOOKED, known: Known = KNOWN, **facts: object) -> Letter:
    return WRITER.letter(topic, PARIS, AVisit(PARIS.id, **facts), known)  # type: ignore[arg-type]


@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_has_all_its_words(topic: Topic, language: str) -> None:
    letter = a_letter(topic, Known("Alice", "Crête", (VISIT_AT,)), language=language)
    keys = [part for part in TEXTS[language] if part in (WRITER.text(PARIS, letter) + str(letter))]
    assert keys == []
    assert "{" not in str(letter)
    assert letter.heading in WRITER.text(PARIS, letter)


def test_a_confirmation_says_when_with_whom_and_where_to_join() -> None:
    letter = a_letter()
    assert letter.subject == "Your video visit: Thursday, 16 October 2025, 10:30"
    text = WRITER.text(PARIS, letter)
    assert "Hello Zoé Petit," in text
    assert "When: Thursday, 16 October 2025, 10:30–11:00 (Central European Summer Time)" in text
    assert "With: Alice Martin" in text
    assert "Car: Crête" in text
    assert f"\n{LINK}\n" in text
    assert Page(WRITER.html(PARIS, letter)).links == [LINK]


def test_a_french_customer_reads_french() -> None:
    letter = a_letter(language="fr")
    assert letter.subject == "Votre visite vidéo : jeudi 16 octobre 2025, 10:30"
    text = WRITER.text(PARIS, letter)
    assert "Bonjour Zoé Petit," in text
    assert "\nAvec : Alice Martin\n" in text
    assert "(heure d’été d’Europe centrale)" in text
    assert '<html lang="fr" dir="ltr">' in WRITER.html(PARIS, letter)


def test_a_letter_in_arabic_runs_from_the_right_with_its_table() -> None:
    table = Rows(("Day", "Calls"), (("Monday", "12"),))
    letter = replace(a_letter(), language="ar", table=table)
    page = WRITER.html(PARIS, letter)
    assert '<html lang="ar" dir="rtl">' in page
    assert page.count('dir="rtl"') == 2  # mail programs leave the first away
    assert "padding:8px 12px 8px 0;" in page
    assert "padding:8px 0 8px 12px;" in WRITER.html(PARIS, replace(letter, language="en"))


@pytest.mark.parametrize(
    ("zone", "when"),
    [
        ("America/New_York", "Thursday, 16 October 2025, 04:30–05:00 (Eastern Daylight Time)"),
        ("Asia/Kathmandu", "Thursday, 16 October 2025, 14:15–14:45 (GMT+05:45)"),
        ("Pacific/Auckland", "Thursday, 16 October 2025, 21:30–22:00 (New Zealand Daylight Time)"),
        ("Nowhere/Else", "Thursday, 16 October 2025, 10:30–11:00 (Central European Summer Time)"),
        (
            "../../etc/passwd",
            "Thursday, 16 October 2025, 10:30–11:00 (Central European Summer Time)",
        ),
    ],
)
def test_times_are_the_customers_own(zone: str, when: str) -> None:
    assert ("When", when) in a_letter(zone=zone).facts


def test_on_both_sides_of_the_change_of_clocks_the_time_is_right() -> None:
    before, after = 1_761_436_800_000, 1_761_444_000_000  # 26 October 2025, 00:00 and 02:00 UTC
    for at, time, zone in ((before, "02:00", "Summer"), (after, "03:00", "Standard")):
        (fact, *_) = a_letter(starts_at=at, ends_at=at + 1_800_000).facts
        assert f"Sunday, 26 October 2025, {time}" in fact[1]
        assert zone in fact[1]


def test_a_language_that_we_do_not_write_becomes_english() -> None:
    assert a_letter(language="xx").greeting == "Hello Zoé Petit,"


def test_a_called_off_visit_names_three_times_each_with_its_link() -> None:
    free = tuple(VISIT_AT + day * DAY_MS for day in (1, 2, 3))
    letter = a_letter(Topic.CALLED_OFF, Known("Alice", "Crête", free))
    text = WRITER.text(PARIS, letter)
    assert "Friday, 17 October 2025, 10:30 (Central European Summer Time)" in text
    offered = [f"{LINK}?start={at}" for at in free]
    assert all(link in text for link in offered)
    assert Page(WRITER.html(PARIS, letter)).links == [*offered, LINK]
    # Who can't come is nobody to look forward to.
    assert "Alice" not in text


@pytest.mark.parametrize("topic", Topic)
def test_no_letter_loads_anything_or_runs_anything(topic: Topic) -> None:
    html = WRITER.html(PARIS, a_letter(topic, Known("Alice", "Crête", (VISIT_AT,))))
    page = Page(html)
    assert not page.attributes & LOADING
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(page.tags)
    assert "url(" not in html
    assert "@import" not in html
    assert all(link.startswith(LINK) for link in page.links)


def test_a_letter_wears_the_brands_colours_and_stands_the_dark() -> None:
    html = WRITER.html(PARIS, a_letter())
    assert f"background-color:{PARIS.brand.accent};color:{PARIS.brand.accent_ink}" in html
    assert "prefers-color-scheme: dark" in html
    assert '<meta name="color-scheme" content="light dark">' in html


def test_a_script_in_a_name_is_text() -> None:
    known = Known("<script>alert(1)</script>", "<i>Crête")
    html = WRITER.html(PARIS, a_letter(known=known, name="Zoé &lt;b&gt; & Yann"))
    assert not {"script", "b", "i"} & set(Page(html).tags)
    said = Page(html).said
    for name in (known.advisor, known.vehicle, "Zoé &lt;b&gt; & Yann"):
        assert name in said


@pytest.mark.parametrize(
    "name",
    [
        "Win at evil.example",
        "https://evil.example",
        "www.evil.example",
        "zoe@evil.example",
        "a/b",
        "<b>Zoé",
    ],
)
def test_a_name_that_a_mail_program_would_make_a_link_of_is_not_sent(name: str) -> None:
    letter = a_letter(name=name)
    assert letter.greeting == "Hello,"
    assert name not in WRITER.text(PARIS, letter)
    assert name not in WRITER.html(PARIS, letter)


@pytest.mark.parametrize("name", ["Zoé Petit", "J. R. Smith", "O’Neill", "שרה לוי", "Zoë 👩🏽‍🚒"])
def test_people_are_greeted_by_their_names(name: str) -> None:
    assert a_letter(name=name).greeting == f"Hello {name},"
    assert name in Page(WRITER.html(PARIS, a_letter(name=name))).said


def test_what_a_customer_wished_is_not_sent_to_an_address_that_may_be_anybodys() -> None:
    letter = a_letter(wish="buy now " * 1250)
    assert "buy now" not in WRITER.text(PARIS, letter)
    assert "buy now" not in WRITER.html(PARIS, letter)


def test_the_text_has_no_gaps_and_ends_with_who_writes() -> None:
    text = WRITER.text(PARIS, a_letter())
    assert "\n\n\n" not in text
    assert text.endswith(f"{PARIS.brand.name} · {TEXTS['en']['letter.signature']}\n")


def test_the_calendar_entry_says_how_to_join_in_the_customers_language() -> None:
    entry = WRITER.entry(PARIS, AVisit(PARIS.id, language="fr"), "Crête")
    assert entry.summary == "Visite vidéo : Crête, Orvanne Paris"
    assert LINK in entry.description
    assert entry.link == LINK
    assert WRITER.entry(PARIS, AVisit(PARIS.id)).summary == "Video visit: Orvanne Paris"


def test_a_feed_has_a_name_in_the_advisors_language() -> None:
    assert WRITER.feed_title(PARIS, "fr") == "Visites : Orvanne Paris"


@given(st.text(max_size=100))
def test_whatever_somebody_is_called_the_letter_keeps_its_shape(name: str) -> None:
    letter = a_letter(name=name)
    plain = a_letter(name="Zoé")
    assert Page(WRITER.html(PARIS, letter)).tags == Page(WRITER.html(PARIS, plain)).tags
    assert len(WRITER.text(PARIS, letter).split("\n")) == len(WRITER.text(PARIS, plain).split("\n"))
