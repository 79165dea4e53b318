"""What docs/store.md shows to a store's developer works as it stands there."""

import base64
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from booking.store.context import Context, sign

TEXT = (Path(__file__).parents[3] / "docs" / "store.md").read_text()
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
PYTHON = "import sys\nprint(json.dumps(read_context(*sys.argv[1:])))\n"
NODE = "console.log(JSON.stringify(readContext(...process.argv.slice(2))));\n"


def shown(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found
    return found[1]


def run(language: str, folder: Path, token: str) -> subprocess.CompletedProcess[str]:
    """Run what the page shows, in a process of its own."""
    if language == "python":
        file, program = folder / "read.py", sys.executable
        file.write_text(shown("python") + PYTHON)
    else:
        file, program = folder / "read.mjs", "node"
        file.write_text(shown("js") + NODE)
    return subprocess.run(
        [program, str(file), token, SECRET], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("language", ["python", "js"])
def test_the_lines_that_the_page_shows_read_a_context(language: str, tmp_path: Path) -> None:
    later = int(time.time()) + 60
    token = sign(Context("paris", iat=1, exp=later, lead="l-1", price=4_190_000), SECRET)
    told = json.loads(run(language, tmp_path, token).stdout)
    assert told == {
        "showroom": "paris", "iat": 1, "exp": later, "lead": "l-1", "price": 4_190_000,
    }  # fmt: skip
    old = sign(Context("paris", iat=1, exp=2, lead="l-1"), SECRET)
    other = "whsec_" + base64.b64encode(b"o" * 32).decode()
    forged = sign(Context("paris", iat=1, exp=later, lead="l-1"), other)
    for wrong, why in ((old, "too old"), (forged, "not signed"), ("x", "not signed")):
        answer = run(language, tmp_path, wrong)
        assert answer.returncode != 0
        assert why in answer.stderr
