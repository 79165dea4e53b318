"""`PROTOCOL.md` and the code say the same: messages, fields, senders, codes, reasons, moves."""

import re
from pathlib import Path

import pytest

import signaling
from showroom import errors
from showroom.words import AdvisorState, AwayReason, CallState, EndReason, Outcome, Side
from signaling.life import MOVES, Move
from signaling.messages import COMMANDS, PUSHES, AdvisorCall, Command, CustomerCall, Push

TEXT = (Path(signaling.__path__[0]) / "PROTOCOL.md").read_text(encoding="utf-8")


def part(heading: str) -> str:
    """Return the text under a second-level heading."""
    return TEXT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def messages(heading: str) -> dict[str, str]:
    """Return each message's section by its title, as it is written after `###`."""
    sections = part(heading).split("\n### ")[1:]
    return {section.split("\n", 1)[0]: section.split("\n", 1)[1] for section in sections}


def fields(section: str) -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


def title(push: type[Push]) -> str:
    side = {CustomerCall: " (customer)", AdvisorCall: " (advisor)"}.get(push, "")
    return f"`{push.event}`{side}"


def test_the_document_names_exactly_the_messages_of_the_code() -> None:
    assert list(messages("Messages from a page")) == [f"`{c.event}`" for c in COMMANDS]
    documented = set(messages("Messages from the server"))
    assert documented == {title(push) for push in PUSHES}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.event)
def test_a_commands_fields_and_senders_are_documented(command: type[Command]) -> None:
    section = messages("Messages from a page")[f"`{command.event}`"]
    assert fields(section) == list(command.model_fields)
    senders = re.match(r"From ([a-z, ]+)\.", section)
    assert senders is not None
    assert {Side(word) for word in senders[1].split(", ")} == command.senders


@pytest.mark.parametrize("push", PUSHES, ids=lambda p: p.__name__)
def test_a_pushs_fields_are_documented(push: type[Push]) -> None:
    assert fields(messages("Messages from the server")[title(push)]) == list(push.model_fields)


def kinds(base: type[errors.ShowroomError]) -> list[type[errors.ShowroomError]]:
    return [base, *(found for kind in base.__subclasses__() for found in kinds(kind))]


def test_every_error_code_is_documented_with_its_status() -> None:
    section = TEXT.split("### Error codes", 1)[1].split("###", 1)[0]
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", section, re.MULTILINE)
    known = {
        (kind.code, str(kind.status))
        for kind in kinds(errors.ShowroomError)[1:]
        if kind.__module__ == errors.__name__
    }
    assert set(rows) == known
    assert len(rows) == len(known)


def test_every_end_reason_is_documented() -> None:
    section = TEXT.split("### End reasons", 1)[1].split("##", 1)[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [r.value for r in EndReason]


def test_the_documents_table_of_moves_is_the_codes() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| `(\w+)` \| `(\w+)` \|", part("The life of a call"), re.MULTILINE
    )
    assert {(CallState(a), Move(m)): CallState(b) for a, m, b in rows} == MOVES
    assert len(rows) == len(MOVES)


@pytest.mark.parametrize("words", [AdvisorState, AwayReason, Outcome])
def test_the_words_of_an_enum_are_written_out(
    words: type[AdvisorState] | type[AwayReason] | type[Outcome],
) -> None:
    listed = ", ".join(f"`{word}`" for word in words)
    assert listed in TEXT
