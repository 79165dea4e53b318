"""Dealers out of a file: what is right goes in, what is not is named by its line and its reason."""

from contextlib import suppress
from threading import Thread, current_thread, main_thread

import pytest

from booking.dealers.dealer_csv import (
    MOST_BYTES,
    MOST_LINES,
    Problem,
    import_dealers,
    read_dealers,
)
from booking.dealers.directory import DealerKind, Dealers
from showroom.errors import BadRequest, ShowroomError, TooLarge
from showroom.showrooms import Showroom
from tests.samples import a_showroom

HEAD = "code,kind,name,street,postcode,city,country,latitude,longitude,zone,phone,email"
GOOD = (
    "75-1,dealer,Garage de la Seine,1 quai des Tests,75004,Paris,FR,48.855,2.354,Europe/Paris,"
    "01 23 45 67 89,seine@example.com"
)
ROOM = a_showroom()


def read(*lines: str, showroom: Showroom = ROOM) -> tuple[list[str], list[Problem]]:
    """Return the codes of the good lines, and the broken ones."""
    found = read_dealers("\n".join(lines).encode(), showroom)
    return [one.code for one in found.dealers], list(found.problems)


def line(**changes: str) -> str:
    fields = dict(zip(HEAD.split(","), GOOD.split(","), strict=True)) | changes
    return ",".join(fields.values())


def reason(**changes: str) -> str:
    """Return what is wrong with a line that differs from a good one."""
    _, problems = read(HEAD, line(**changes))
    assert [one.line for one in problems] == [2], changes
    return problems[0].reason


def test_a_good_line_is_a_dealer() -> None:
    dealer = read_dealers(f"{HEAD}\n{GOOD}\n".encode(), ROOM).dealers[0]
    assert (dealer.showroom_id, dealer.code, dealer.kind) == (ROOM.id, "75-1", DealerKind.DEALER)
    assert (dealer.phone, dealer.email) == ("+33123456789", "seine@example.com")
    assert dealer.point == (48.855, 2.354)


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("separator", [b",", b";"])
def test_files_of_all_spreadsheets_are_read(start: bytes, end: bytes, separator: bytes) -> None:
    text = "CODE,Name,Street,Postcode,City,Latitude,Longitude\n1,Étoile,Rue,69003,Lyon,45.7,4.8\n"
    file = start + text.encode().replace(b"\n", end).replace(b",", separator)
    dealer = read_dealers(file, ROOM).dealers[0]
    assert (dealer.name, dealer.country, dealer.zone) == ("Étoile", "FR", "Europe/Paris")
    assert (dealer.kind, dealer.phone) == (DealerKind.DEALER, None)


def test_degrees_with_a_comma_come_with_semicolons() -> None:
    file = "code;name;street;postcode;city;latitude;longitude\n1;A;B;75001;Paris;48,85;2,35\n"
    assert read_dealers(file.encode(), ROOM).dealers[0].point == (48.85, 2.35)


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({"code": ""}, "code: write something here"),
        ({"code": "x" * 65}, "code: write at most 64 characters; these are 65."),
        ({"name": "x" * 10_000}, "name: write at most 200 characters; these are 10000."),
        ({"kind": "reseller"}, "kind: write dealer or agent."),
        ({"postcode": "7" * 17}, "postcode: write at most 16"),
        ({"latitude": "91"}, "latitude: write degrees from -90 to 90, like 48.8566."),
        ({"longitude": "-180.1"}, "longitude: write degrees from -180 to 180"),
        ({"latitude": "north"}, "latitude: write degrees"),
        ({"latitude": "nan"}, "latitude: write degrees"),
        ({"longitude": "inf"}, "longitude: write degrees"),
        ({"latitude": "0", "longitude": "0"}, "both 0"),
        ({"zone": "Europe/Pariss"}, "zone: write an IANA time zone, like Europe/Paris."),
        ({"zone": "../../etc/passwd"}, "zone: write an IANA time zone"),
        ({"country": "France"}, "country: write the country's two letters"),
        ({"country": "ZZ"}, "country: write the country's two letters"),
        ({"phone": "12"}, "phone: This is not a phone number. Write it like"),
        ({"email": "seine(at)example.com"}, "email: This is not an e-mail address."),
    ],
)
def test_a_broken_field_is_named_with_what_would_be_right(
    changes: dict[str, str], right: str
) -> None:
    assert right in reason(**changes)


def test_a_line_says_all_that_is_wrong_with_it() -> None:
    said = reason(latitude="x", zone="y")
    assert "latitude:" in said
    assert "zone:" in said


def test_a_line_with_too_many_fields_says_how_many() -> None:
    codes, problems = read(HEAD, GOOD + ",more", line(code="2"))
    assert codes == ["2"]
    assert problems[0].line == 2
    assert "there are 13 fields, and 12 columns" in problems[0].reason


def test_a_quotation_mark_that_nobody_closes_breaks_its_own_line_only() -> None:
    codes, problems = read(HEAD, line(code="1", name='"Garage'), line(code="2"), line(code="3"))
    assert codes == ["2", "3"]
    assert problems[0].line == 2
    assert "quotation mark" in problems[0].reason


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    lines = (HEAD, line(code="1"), "", ",,,,,,,,,,,", line(code="2", zone="x"), line(code="3"))
    codes, problems = read(*lines)
    assert (codes, [one.line for one in problems]) == (["1", "3"], [5])


def test_a_code_stands_once_in_a_file() -> None:
    codes, problems = read(HEAD, line(code="1"), line(code="2"), line(code=" 1 ", name="Other"))
    assert codes == ["1", "2"]
    assert problems == [(4, "code: line 2 has it already; a code stands once.")]


def test_text_that_looks_like_a_formula_stays_text() -> None:
    names = ["=1+1", "+33", "-5", "@SUM(A1)", '"=HYPERLINK(""http://x"",""y"")"', "<script>"]
    file = "\n".join([HEAD, *(line(code=str(n), name=name) for n, name in enumerate(names))])
    found = read_dealers(file.encode(), ROOM).dealers
    assert [one.name for one in found][:4] == names[:4]
    assert found[4].name == '=HYPERLINK("http://x","y")'


def test_a_text_becomes_one_line_without_what_cannot_be_seen() -> None:
    odd = line(name="Ga\0ra\u202ege  X")
    file = f"{HEAD}\n{odd}".encode()
    assert read_dealers(file, ROOM).dealers[0].name == "Garage X"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"", "is empty"),
        (b"\n\n ; \n", "is empty"),
        (b"\xff\xfec\x00o\x00", "Line 1 is not UTF-8"),
        (HEAD.encode() + b"\n" + b"No\xebl,", "Line 2 is not UTF-8"),
        (b"code,name\n1,A", "Line 1 misses 'street'"),
        (HEAD.encode() + b",e-mail\n", "Line 1 has 'e-mail'"),
        (HEAD.encode() + b",code\n", "one name twice"),
        (b'code,"name\n', "Line 1: a quotation mark"),
        (b"PK\x03\x04\x00\x00", "Line 1 has 'pk'"),
    ],
)
def test_what_is_no_such_file_is_refused_whole(file: bytes, said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        read_dealers(file, ROOM)


def test_a_file_has_a_limit_of_bytes_and_of_lines() -> None:
    with pytest.raises(TooLarge):
        read_dealers(b"x" * (MOST_BYTES + 1), ROOM)
    short = "code,name,street,postcode,city,latitude,longitude\n"
    with pytest.raises(TooLarge):
        read_dealers((short + "x\n" * (MOST_LINES + 1)).encode(), ROOM)


async def test_all_lines_go_in_or_none(showroom: Showroom, dealers: Dealers) -> None:
    file = "\n".join([HEAD, line(code="1"), line(code="2", zone="x"), line(code="3")]).encode()
    answer = await import_dealers(dealers, showroom, file, good_lines=False)
    assert (answer.kept, [one.line for one in answer.problems]) == (0, [3])
    assert await dealers.all(showroom.id) == ()
    answer = await import_dealers(dealers, showroom, file, good_lines=True)
    assert (answer.kept, [one.line for one in answer.problems]) == (2, [3])
    assert {one.code for one in await dealers.all(showroom.id)} == {"1", "3"}


async def test_the_same_file_twice_changes_nothing(showroom: Showroom, dealers: Dealers) -> None:
    file = f"{HEAD}\n{GOOD}".encode()
    for _ in range(2):
        assert (await import_dealers(dealers, showroom, file, good_lines=False)).kept == 1
    assert len(await dealers.all(showroom.id)) == 1


@pytest.mark.parametrize("junk", [b"\0" * 50, b",;\n" * 99, b'"' * 99, "é\u2028\u0085;".encode()])
def test_junk_is_refused_and_never_crashes(junk: bytes) -> None:
    with suppress(ShowroomError):
        assert read_dealers(HEAD.encode() + b"\n" + junk, ROOM).dealers == ()


async def test_a_file_is_read_beside_the_event_loop(dealers: Dealers) -> None:
    readers: set[Thread] = set()

    class Watched(bytes):
        def decode(self, *how: str) -> str:
            readers.add(current_thread())
            return super().decode(*how)

    file = Watched(f"{HEAD}\n{line(latitude='99')}".encode())
    assert (await import_dealers(dealers, ROOM, file, good_lines=False)).problems
    assert readers
    assert main_thread() not in readers
