"""Ids can be said anywhere: in a URL, and on a command line."""

import re

from showroom.ids import new_id


def test_an_id_is_of_22_characters_and_no_option_of_a_command() -> None:
    drawn = {new_id() for _ in range(3000)}
    assert len(drawn) == 3000
    # One in 64 of unchosen ones would begin with a hyphen.
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{21}", one) for one in drawn)
