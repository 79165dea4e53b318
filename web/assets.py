"""Static files under addresses that change with their content."""

import hashlib
from pathlib import Path

STATIC = Path(__file__).parent / "static"


class Assets:
    """Knows each file's version, looked up once."""

    def __init__(self, root: Path = STATIC) -> None:
        self.root = root
        self._versions: dict[str, str] = {}

    def __call__(self, path: str) -> str:
        """Return the address of a file under `static/`, with its content's digest as version."""
        if path not in self._versions:
            content = (self.root / path).read_bytes()
            self._versions[path] = hashlib.sha256(content).hexdigest()[:10]
        return f"/static/{path}?v={self._versions[path]}"
