"""What a side says that it sends, as nodes of several versions write and read it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from showroom.words import Narrowed, Rung, Saver
from signaling.side_media import SideMedia


@given(st.builds(SideMedia))
def test_what_a_node_writes_is_what_it_reads(media: SideMedia) -> None:
    assert SideMedia.parse(media.dump()) == media


def test_a_side_that_has_said_nothing_sends_nothing() -> None:
    assert SideMedia.parse(None) == SideMedia.parse("") == SideMedia()


def test_what_an_older_node_wrote_has_the_rest_as_it_was_before() -> None:
    raw = json.dumps({"microphone": True, "camera": True, "paused": False})
    assert SideMedia.parse(raw) == SideMedia(microphone=True, camera=True)


def test_what_a_newer_node_knows_beyond_this_one_is_left_out() -> None:
    raw = json.dumps(
        {"camera": True, "rung": "cinema", "narrowed": "loss", "saver": 7, "lamp": {"on": True}}
    )
    read = SideMedia.parse(raw)
    assert read == SideMedia(camera=True, narrowed=Narrowed.LOSS)
    assert (read.rung, read.saver) == (Rung.FULL, Saver.OFF)
