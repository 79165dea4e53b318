"""Photos and stills as devices send them, and what is none."""

import io
import struct
import zlib

import cv2
import numpy as np
from PIL import Image


def a_photo(width: int = 640, height: int = 480, quality: int = 90, **options: object) -> bytes:
    """Return a JPEG of a grey ramp whose left upper quarter is red."""
    ramp = np.linspace(40, 220, width, dtype=np.uint8)[None, :, None]
    pixels = np.broadcast_to(ramp, (height, width, 3)).copy()
    pixels[: height // 2, : width // 2] = (200, 20, 20)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def other_image(kind: str) -> bytes:
    """Return an image of another kind: PNG, GIF, WEBP, BMP, TIFF."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 20, 20)).save(out, kind)
    return out.getvalue()


def a_header(
    width: int, height: int, frame: int = 0xC0, precision: int = 8, parts: int = 3
) -> bytes:
    """Return a JPEG that has a header that says this, and nothing behind it."""
    body = struct.pack(">BHHB", precision, height, width, parts) + bytes(3 * parts)
    start = b"\xff\xd8\xff" + bytes([frame]) + struct.pack(">H", len(body) + 2) + body
    return start + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + bytes(64) + b"\xff\xd9"


def a_bomb() -> bytes:
    """Return a PNG of a few kilobytes that would be 900 megapixels."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(3_000_000), 9)
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def a_sheet(level: int = 15, size: tuple[int, int] = (480, 272)) -> bytes:
    """Return a picture coach's stills, of a room of one grey: a dark one."""
    width, height = size
    pixels = np.full((height * 3 // 2, width, 3), level, np.uint8)
    return bytes(cv2.imencode(".jpg", pixels)[1])
