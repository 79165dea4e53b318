"""Photos on the wire: an advisor's page that takes one and sends it, without a browser."""

from typing import Any

from tests.people import Employee
from tests.stills import a_photo


async def sends_piece(
    who: Employee, call: str, photo: str, start: int, size: int, piece: bytes
) -> tuple[int, dict[str, Any]]:
    """Send one piece; return the status and the answer."""
    token = await who.csrf("/staff/login")
    address = f"{who.url}/advisor/calls/{call}/photos/{photo}"
    query = {"showroom": who.showroom, "start": str(start), "size": str(size)}
    headers = {"X-CSRF-Token": token, "Accept": "application/json"}
    async with who.http.post(address, params=query, data=piece, headers=headers) as response:
        return response.status, await response.json()


async def sends_photo(who: Employee, call: str, data: bytes = b"", pieces: int = 3) -> str:
    """Take a photo and send it in pieces; return its id."""
    data = data or a_photo(800, 600)
    begun = await who.send("take_photo")
    assert begun["ok"], begun
    photo, step = str(begun["photo"]), -(-len(data) // pieces)
    for start in range(0, len(data), step):
        piece = data[start : start + step]
        status, answer = await sends_piece(who, call, photo, start, len(data), piece)
        assert (status, answer) == (200, {"ok": True, "received": start + len(piece)})
    return photo
