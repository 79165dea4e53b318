"""`make` on a machine that lacks something, and what it leaves behind."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.installed import ROOT

HINT = "apt-get install python3-venv"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what `make` needs, and programs of its own that go before the machine's."""
    folder = tmp_path / "clone"
    (folder / "tests").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "tests/run.sh"):
        shutil.copy(ROOT / name, folder / name)
    (tmp_path / "programs").mkdir()
    return folder


def program(clone: Path, name: str, script: str) -> None:
    file = clone.parent / "programs" / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def run(clone: Path, *command: str) -> subprocess.CompletedProcess[str]:
    path = f"{clone.parent / 'programs'}:{os.environ['PATH']}"
    known = {"PATH": path, "HOME": str(clone), "SAID": str(clone / "said")}
    return subprocess.run(
        command, cwd=clone, env=known, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("target", ["demo", "install"])
def test_a_python_without_venv_is_told_what_to_install(clone: Path, target: str) -> None:
    # What `python3 -c 'import ensurepip'` does on a bare Debian.
    program(clone, "python3", "exit 1")
    result = run(clone, "make", target)
    assert result.returncode != 0
    assert HINT in result.stderr
    assert not (clone / ".venv").exists(), "half of one would be in the way"


@pytest.mark.parametrize(("status", "installs"), [(1, True), (0, False)])
def test_the_tests_install_venv_where_it_is_missing(
    clone: Path, status: int, installs: bool
) -> None:
    program(clone, "python3", f"exit {status}")
    for name in ("sudo", "make"):
        program(clone, name, 'test "$1" = --no-print-directory && exit 7; exec "$@"')
    program(clone, "apt-get", 'echo "$@" >> "$SAID"')
    result = run(clone, "bash", "tests/run.sh")
    assert result.returncode == 7, "it went on to `make install`"
    said = (clone / "said").read_text() if (clone / "said").exists() else ""
    assert ("python3-venv" in said) is installs


def test_the_tests_say_what_they_can_not_install(clone: Path) -> None:
    program(clone, "id", "echo 1000")
    program(clone, "python3", "exit 1")
    for name in ("make", "apt-get"):
        program(clone, name, 'echo "$0 $@" >> "$SAID"')
    # Nothing of the machine's: no sudo, and none of the programs that the tests need.
    (clone.parent / "programs/dirname").symlink_to(str(shutil.which("dirname")))
    result = subprocess.run(
        [str(shutil.which("bash")), "tests/run.sh"],
        cwd=clone,
        env={"PATH": str(clone.parent / "programs"), "SAID": str(clone / "said")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 1
    assert re.search(r"^Missing: .*apt-get install .*chromium", result.stderr, re.MULTILINE)
    assert "python3-venv" in result.stderr
    assert not (clone / "said").exists(), "nothing was installed, and nothing ran"


def test_clean_removes_all_that_git_does_not_keep(clone: Path) -> None:
    """But not what somebody made by hand: the settings of a deployment."""
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text().split()]
    made = [name.replace("*", "x") for name in ignored if name not in (".installed", "deploy/.env")]
    for name in made:
        (clone / name).mkdir(parents=True)
    (clone / "web/__pycache__").mkdir(parents=True)
    (clone / "deploy").mkdir()
    (clone / "deploy/.env").touch()
    assert run(clone, "make", "clean").returncode == 0
    left = {str(path.relative_to(clone)) for path in clone.rglob("*") if path.is_dir()}
    assert left == {"tests", "web", "deploy"}
    assert (clone / "deploy/.env").exists()
