"""Pictures that managers upload: what is taken, what is refused, and what is left of them."""

import io
import struct
import zlib
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from media.pictures import MOST_PIXELS, SIGNATURE, Made, PictureRefused, Unfit, car_picture, logo
from tests.stills import a_photo, opened

CANARY = b"canary of a place"


RED = 200, 20, 20


def a_cutout(
    kind: str = "PNG",
    size: tuple[int, int] = (300, 150),
    colour: tuple[int, int, int] = RED,
    **more: Any,
) -> bytes:
    """Return a shape on nothing: its left half shows through, and is green there."""
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    pixels[:, : size[0] // 2] = (0, 255, 0, 0)
    pixels[:, size[0] // 2 :] = (*colour, 255)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **more)
    return out.getvalue()


def plain(kind: str, mode: str = "RGB", size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 40 if mode in ("L", "P", "I;16") else (200, 20, 20)).save(
        out, kind, **more
    )
    return out.getvalue()


def moving(kind: str) -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 48), (shade, 0, 0)) for shade in (0, 100, 200)]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


def a_png_header(width: int, height: int) -> bytes:
    """Return a PNG that says that it is so large, with nothing behind it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    packed = zlib.compress(bytes(1000))
    return SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def why(data: bytes) -> Unfit:
    with pytest.raises(PictureRefused) as refused:
        car_picture(data)
    with pytest.raises(PictureRefused):
        logo(data)
    return refused.value.why


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_cameras_and_designers_write_is_encoded_anew(kind: str) -> None:
    made = car_picture(plain(kind, size=(2400, 1200)))
    whole, small = opened(made.whole), opened(made.small)
    assert (whole.format, whole.size) == ("JPEG", (1920, 960))
    assert (made.width, made.height) == (1920, 960)
    assert (small.format, small.size) == ("JPEG", (720, 360))
    red, green, _ = whole.convert("RGB").getpixel((100, 100))  # type: ignore[misc]
    assert red > 180
    assert green < 60


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_shows_through_stays_so_and_lends_no_colour_to_edges(kind: str) -> None:
    made = car_picture(a_cutout(kind, size=(2000, 1000)))
    assert made.name.endswith(".webp")
    for data in (made.whole, made.small):
        pixels = np.asarray(opened(data).convert("RGBA")).astype(int)
        assert pixels[5, 5, 3] == 0
        assert pixels[5, -5, 3] == 255
        seen = pixels[pixels[:, :, 3] > 128]
        assert seen[:, 1].max() < 90, "green has come through"
    assert opened(logo(a_cutout(kind)).whole).format == "PNG"


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "I;16", "RGBA"])
def test_every_kind_of_png_is_read(mode: str) -> None:
    image = Image.new(
        "RGBA" if mode in ("LA", "RGBA") else "L",
        (64, 48),
        200 if mode not in ("LA", "RGBA") else (200, 200, 200, 255),
    )
    out = io.BytesIO()
    image.convert(mode).save(out, "PNG")
    made = car_picture(out.getvalue())
    assert (made.width, made.height) == (64, 48)
    assert made.name.endswith(".jpg")


def test_nothing_but_pixels_is_kept() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("place", CANARY.decode())
    exif = Image.Exif()
    exif[0x010E] = CANARY.decode()
    given = [
        a_photo(exif=exif.tobytes()) + CANARY,
        plain("PNG", pnginfo=text) + CANARY,
        plain("WEBP", exif=exif.tobytes(), xmp=CANARY) + CANARY,
        a_cutout("WEBP", exif=exif.tobytes()),
    ]
    for data in given:
        assert CANARY in data or data is given[-1]
        for made in (car_picture(data), logo(data)):
            assert CANARY not in made.whole + made.small
            assert not opened(made.whole).getexif()


def test_a_photo_that_was_taken_upright_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    made = car_picture(a_photo(640, 480, exif=exif.tobytes()))
    assert (made.width, made.height) == (480, 640)


def test_the_same_picture_has_the_same_name_and_another_one_has_not() -> None:
    one, again, other = (
        car_picture(a_photo()),
        car_picture(a_photo()),
        car_picture(a_photo(640, 481)),
    )
    assert one.name == again.name != other.name


def test_what_is_no_picture_of_ours_is_refused_by_a_reason() -> None:
    svg = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
    assert why(svg) is Unfit.SVG
    assert why(b"\xef\xbb\xbf  <SVG>") is Unfit.SVG
    assert why(plain("GIF", "P")) is Unfit.ANIMATED
    assert why(moving("PNG")) is Unfit.ANIMATED
    assert why(moving("WEBP")) is Unfit.ANIMATED
    assert why(plain("BMP")) is Unfit.UNKNOWN
    assert why(plain("TIFF")) is Unfit.UNKNOWN
    assert why(b"") is Unfit.UNKNOWN
    assert why(a_photo()[:2000]) is Unfit.UNKNOWN
    for kind in ("PNG", "WEBP"):
        whole = a_cutout(kind)
        for length in (8, 12, 16, 20, 29, 33, 60):
            assert why(whole[:length]) is Unfit.UNKNOWN, (kind, length)


def test_a_bomb_is_refused_by_its_header_alone() -> None:
    side = int(MOST_PIXELS**0.5) + 1
    assert why(a_png_header(side, side)) is Unfit.TOO_LARGE
    assert why(a_png_header(2**31 - 1, 2**31 - 1)) is Unfit.TOO_LARGE
    assert why(a_png_header(0, 100)) is Unfit.UNKNOWN
    canvas = bytearray(b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff")
    assert why(bytes(canvas)) is Unfit.TOO_LARGE


def test_a_header_that_lies_about_its_size_is_refused() -> None:
    lossy = plain("WEBP", size=(64, 48))
    assert lossy[12:16] == b"VP8 "
    lying = b"RIFF" + lossy[4:12] + b"VP8X\x0a\0\0\0\0\0\0\0\x09\0\0\x09\0\0" + lossy[12:]
    assert why(lying) is Unfit.UNKNOWN


@given(st.binary(max_size=200), st.sampled_from(["PNG", "WEBP", "JPEG"]), st.integers(0, 300))
def test_whatever_is_broken_is_refused_and_nothing_else_happens(
    noise: bytes, kind: str, at: int
) -> None:
    whole = plain(kind) if kind == "JPEG" else a_cutout(kind, size=(40, 20))
    data = whole[:at] + noise + whole[at + len(noise) :]
    with suppress(PictureRefused):
        assert isinstance(car_picture(data), Made)
