"""Static files under addresses that change with their content, and then hold for ever."""

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath

from aiohttp.web import FileResponse, HTTPNotFound, Request, Response, StreamResponse

STATIC = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
# What is worth packing: to a third, once for all who ask.
TEXTS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# A module's static imports, as our own scripts write them.
IMPORT = re.compile(r"""^(?:import|export|\})\s?.*?from '(\.{1,2}/[^']+)';$""", re.MULTILINE)


class Assets:
    """Gives files their addresses: the version of all of them is a folder of the path.

    So what a script imports and a style points to by a relative address carries it on: a browser
    that comes again asks for nothing, and one that is new never mixes two versions.
    """

    def __init__(self, root: Path = STATIC) -> None:
        self.root = root
        self.version = _version(root)

    def __call__(self, path: str) -> str:
        """Return the address of a file under `static/`."""
        return f"/static/{self.version}/{path}"

    def modules(self, entry: str) -> list[str]:
        """Return the addresses of what a module imports, and what that imports in turn.

        A page that names them all has them on their way at once; else each level of imports
        costs a slow line one more round trip (HTML, 4.6.7.14, `modulepreload`).
        """
        return [self(path) for path in _imported(self.root, entry)]


async def versioned(request: Request) -> StreamResponse:
    """Answer with a file by the address that `Assets` gave.

    While nodes are replaced one by one, the other kind may be asked for: it is answered with what
    is here, which nobody may keep.
    """
    file = (STATIC / request.match_info["path"]).resolve()
    if not file.is_relative_to(STATIC) or not file.is_file():
        raise HTTPNotFound
    kept = request.match_info["version"] == _version(STATIC)
    headers = {"Cache-Control": FOR_EVER if kept else "no-cache", "Vary": "Accept-Encoding"}
    if file.suffix not in TEXTS or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return FileResponse(file, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(body=_packed(file), content_type=TEXTS[file.suffix], headers=headers)


@cache
def _packed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)


@cache
def _version(root: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]


@cache
def _imported(root: Path, entry: str) -> list[str]:
    found: list[str] = []
    waiting = [entry]
    while waiting:
        module = waiting.pop(0)
        for name in IMPORT.findall((root / module).read_text()):
            path = normpath(join(dirname(module), name))
            if path not in found and path != entry:
                found.append(path)
                waiting.append(path)
    return found
