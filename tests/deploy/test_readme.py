"""The documents are true: their links lead somewhere, their commands and folders exist."""

import re
import subprocess
from pathlib import Path

import pytest

from showroom.__main__ import main
from tests.deploy.installed import ROOT

README = (ROOT / "README.md").read_text()
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "deploy/README.md",
    "docs/architecture.md",
    "docs/benchmarks.md",
    "docs/dependencies.md",
    "docs/integration.md",
    "docs/quality.md",
    "docs/settings-file.md",
    "signaling/PROTOCOL.md",
)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
# Code that names a file or a folder of the tree: `signaling/desk.py`, `tests/browser`.
PATH = re.compile(
    r"`((?:showroom|signaling|media|booking|web|tests|bench|deploy|docs)/[\w./-]*[\w/])`"
)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    folder = (ROOT / document).parent
    for link in LINK.findall((ROOT / document).read_text()):
        assert (folder / link).exists(), link


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_are_named_exist(document: str) -> None:
    for path in PATH.findall((ROOT / document).read_text()):
        assert (ROOT / path).exists(), path


def test_the_folder_map_names_every_folder() -> None:
    mapped = set(re.findall(r"^\| \[(\w+)/\]\(\1\) \|", README, re.MULTILINE))
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    folders = {Path(line).parts[0] for line in tracked.splitlines() if len(Path(line).parts) > 1}
    assert mapped == {folder for folder in folders if not folder.startswith(".")}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_that_is_named_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / document).read_text(), re.MULTILINE)
    assert set(named) <= targets


def test_the_readme_begins_with_the_two_commands() -> None:
    assert re.findall(r"^make \w+$", README, re.MULTILINE) == ["make demo", "make test"]


@pytest.mark.parametrize(
    "command", ["serve", "demo", "migrate", "export", "apply", "staff add", "robot", "bench"]
)
def test_every_command_of_the_table_exists(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"| `showroom {command}" in README
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    assert ended.value.code == 0
    assert f"showroom {command}" in capsys.readouterr().out


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
