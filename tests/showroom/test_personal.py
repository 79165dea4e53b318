"""The map of personal data is held against the tables, the files and the keys that there are."""

import re
from pathlib import Path

import showroom.alarm_tables
import showroom.audit_tables
import showroom.figure_tables
import showroom.lead_tables
import showroom.mail_tables
import showroom.media_tables
import showroom.privacy_tables
import showroom.staff_tables
import showroom.work_tables  # noqa: F401 - so that all tables are there
from showroom.files import FileKind
from showroom.personal import FILES, REDIS, TABLES, Kept
from showroom.showrooms import Policy
from showroom.tables import metadata

ROOT = Path(__file__).parents[2]


def test_every_column_is_said_to_be_personal_or_not() -> None:
    assert TABLES.keys() == metadata.tables.keys()
    for name, table in metadata.tables.items():
        known = TABLES[name]
        assert known.plain | known.personal.keys() == set(table.columns.keys()), name
        assert not known.plain & known.personal.keys(), name


def test_every_kind_of_file_is_on_the_map() -> None:
    assert {f"files/<showroom>/{kind}" for kind in FileKind} <= FILES.keys()


def test_what_is_kept_by_a_policy_names_a_field_of_it() -> None:
    fields = [kept.value for kept in Kept if kept.value.endswith("_days")]
    assert fields
    assert all(hasattr(Policy(), field) for field in fields)


def test_every_key_of_a_call_is_on_the_map_or_counts_only() -> None:
    lua = "".join(file.read_text() for file in (ROOT / "signaling/lua").glob("*.lua"))
    keys = set(re.findall(r"P \.\. '(:[a-z]+:?)'", lua))
    plain = {":missed:", ":tried:", ":q:", ":idle:", ":duty:", ":due", ":rings", ":calls"}
    plain |= {":unsaved", ":advisors", ":cycle", ":kept", ":keeps:", ":relayed", ":recordings"}
    plain |= {":floor"}
    assert keys <= REDIS.keys() | plain, keys - REDIS.keys() - plain


def test_the_document_names_every_table_that_holds_something_personal() -> None:
    text = (ROOT / "docs/privacy.md").read_text()
    for name, known in TABLES.items():
        if known.personal:
            assert f"`{name}`" in text, name
    for place in FILES:
        assert f"`{place}`" in text, place
