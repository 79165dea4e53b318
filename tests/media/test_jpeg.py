"""Photos: only pixels come through, upright and bounded; everything else is refused (threat 22)."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from media.jpeg import KEPT_PIXELS, MOST_SCANS, clean, decoded, dimensions
from showroom.errors import NotAPicture, TooLarge
from tests.stills import a_bomb, a_header, a_photo, opened, other_image

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.cookie)</script>"


def is_red(data: bytes, spot: tuple[int, int]) -> bool:
    pixel = np.asarray(opened(data))[spot[1], spot[0]]
    return int(pixel[0]) - int(pixel[1]) > 100


def test_a_photo_is_kept_in_its_full_size_and_small_beside_it() -> None:
    kept = clean(a_photo(1600, 1200))
    assert (kept.width, kept.height) == (1600, 1200)
    assert opened(kept.whole).size == (1600, 1200)
    assert opened(kept.small).size == (480, 360)
    assert len(kept.small) < 40_000
    assert is_red(kept.whole, (100, 100))


def test_a_photo_of_more_pixels_than_a_screen_has_is_made_smaller() -> None:
    kept = clean(a_photo(5000, 4000))
    assert kept.width * kept.height <= KEPT_PIXELS * 1.001
    assert kept.width / kept.height == pytest.approx(5 / 4, rel=0.001)


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_photo_stands_upright_however_the_phone_was_held(turned: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turned
    kept = clean(a_photo(640, 480, exif=exif))
    assert (kept.width, kept.height) == ((640, 480) if turned < 5 else (480, 640))
    # Where the red quarter lies when a viewer obeys the orientation (EXIF 2.32, 4.6.4).
    left, top = turned in (1, 4, 5, 8), turned in (1, 2, 5, 6)
    spot = kept.width // 4 * (1 if left else 3), kept.height // 4 * (1 if top else 3)
    assert is_red(kept.whole, spot)
    assert not opened(kept.whole).getexif()


def test_nothing_that_hung_on_the_photo_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "canary of the maker"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 24.0)
    photo = a_photo(320, 240, exif=exif, comment=HTML, icc_profile=b"canary of a profile")
    for hung in (photo, photo + b"PK\x03\x04 canary of a zip", photo + SVG, photo + a_photo()):
        kept = clean(hung)
        for data in (kept.whole, kept.small):
            assert b"canary" not in data
            assert b"script" not in data
            assert b"Exif" not in data
            assert data.count(b"\xff\xd8\xff") == 1
            assert not opened(data).getexif().get_ifd(0x8825)


REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": lambda: b"hello",
    "SVG": lambda: SVG,
    "HTML": lambda: HTML,
    "PNG": lambda: other_image("PNG"),
    "GIF": lambda: other_image("GIF"),
    "WebP": lambda: other_image("WEBP"),
    "BMP": lambda: other_image("BMP"),
    "TIFF": lambda: other_image("TIFF"),
    "a bomb in PNG": a_bomb,
    "HTML behind the magic": lambda: b"\xff\xd8\xff" + HTML + b"\xff\xda\xff\xd9",
    "a header and no picture": lambda: a_header(640, 480),
    "no height": lambda: a_header(640, 0),
    "no width": lambda: a_header(0, 480),
    "12 bits": lambda: a_header(640, 480, precision=12),
    "four colours": lambda: a_header(640, 480, parts=4),
    "lossless": lambda: a_header(640, 480, frame=0xC3),
    "arithmetic": lambda: a_header(640, 480, frame=0xC9),
    "cut short": lambda: a_photo()[:2000],
    "cut short in its header": lambda: a_photo()[:30],
    "too many scans": lambda: a_photo()[:-2] + b"\xff\xda" * (MOST_SCANS + 1) + b"\xff\xd9",
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_photo_is_refused(what: str) -> None:
    with pytest.raises(NotAPicture):
        clean(REFUSED[what]())


def test_200_megapixels_are_refused_by_the_header_alone() -> None:
    # Behind it is no picture at all, which nobody found out.
    with pytest.raises(TooLarge, match="40 megapixels"):
        clean(a_header(20_000, 10_000))


def test_a_size_behind_what_a_decoder_does_not_skip_is_not_believed() -> None:
    # It takes the zero for nothing, and then reads the larger photo, whose end the length names.
    larger = a_photo(960, 540)[2:]
    hidden = b"\xff\xd8\xff\x00" + (len(larger) + 2).to_bytes(2) + larger + a_photo(96, 64)[2:]
    assert decoded(hidden).shape == (540, 960, 3)
    with pytest.raises(NotAPicture):
        dimensions(hidden)


def test_a_progressive_photo_is_taken_too() -> None:
    assert clean(a_photo(320, 240, progressive=True)).width == 320


@given(st.binary(max_size=400))
def test_whatever_stands_behind_the_magic_is_judged_or_refused(rest: bytes) -> None:
    try:
        width, height = dimensions(b"\xff\xd8\xff" + rest)
    except (NotAPicture, TooLarge):
        return
    assert 0 < width * height <= 40_000_000


@given(st.data())
def test_a_damaged_photo_is_a_picture_or_refused(data: st.DataObject) -> None:
    photo = bytearray(a_photo(96, 64))
    for _ in range(data.draw(st.integers(1, 8))):
        photo[data.draw(st.integers(0, len(photo) - 1))] = data.draw(st.integers(0, 255))
    try:
        kept = clean(bytes(photo))
    except (NotAPicture, TooLarge):
        return
    assert opened(kept.whole).size == (kept.width, kept.height)
