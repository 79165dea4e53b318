"""What is installed has all that it needs: no file of the tree is left behind."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from showroom.children import leashed
from tests.deploy.installed import PACKAGES, ROOT, Installed
from tests.nodes import SECRET, free_port, until_healthy


def test_the_wheel_holds_every_file_of_the_packages(installed: Installed) -> None:
    packed = set(zipfile.ZipFile(installed.wheel).namelist())
    tree = {
        str(file.relative_to(ROOT))
        for package in PACKAGES
        for file in (ROOT / package).rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }
    assert len(tree) > 200
    assert tree - packed == set()


def test_the_wheel_holds_nothing_but_the_packages_and_its_description(installed: Installed) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(installed.wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_the_wheel_carries_the_licence(installed: Installed) -> None:
    packed = zipfile.ZipFile(installed.wheel)
    (licence,) = (name for name in packed.namelist() if name.endswith("licenses/LICENSE"))
    assert packed.read(licence) == (ROOT / "LICENSE").read_bytes()


async def test_the_installed_command_serves_a_showroom_from_an_empty_folder(
    installed: Installed, tmp_path: Path
) -> None:
    port = free_port()
    environment = outside(installed) | {
        "SHOWROOM_SECRET_KEY": SECRET,
        "SHOWROOM_PORT": str(port),
    }
    furnish(tmp_path, environment)
    with serving(installed, tmp_path, environment) as node:
        await until_healthy(f"http://127.0.0.1:{port}")
        pages = await fetch(
            f"http://127.0.0.1:{port}",
            "/s/paris",
            "/staff/login",
            "/static/css/base.css",
            "/static/js/customer.js",
            "/static/vehicles/crete-side-dune.svg",
        )
    assert node.returncode == 0, (tmp_path / "log").read_text()
    assert set(pages.values()) == {200}, pages
    assert (tmp_path / "data" / "showroom.db").is_file()


@contextmanager
def serving(
    installed: Installed, folder: Path, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the installed command in `folder`, and end it politely."""
    with (folder / "log").open("wb") as log:
        node = subprocess.Popen(
            leashed([sys.executable, str(installed.site / "bin" / "showroom"), "serve"]),
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            yield node
        finally:
            node.terminate()
            node.wait(15)


def outside(installed: Installed) -> dict[str, str]:
    """Return an environment in which Python finds the installed package, and not the tree."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("SHOWROOM_")}
    return kept | {"PYTHONPATH": str(installed.site), "PYTHONSAFEPATH": "1"}


def furnish(folder: Path, environment: dict[str, str]) -> None:
    """Open a showroom as deploy/README.md tells: the file goes to a Python's standard input."""
    with (ROOT / "deploy" / "first_showroom.py").open("rb") as file:
        said = subprocess.run(
            [sys.executable, "-"],
            stdin=file,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (said.returncode, said.stdout) == (0, "Open at /s/paris\n"), said.stderr


async def fetch(base: str, *paths: str) -> dict[str, int]:
    """Return the status of each page."""
    async with aiohttp.ClientSession(base) as http:
        found = {}
        for path in paths:
            async with http.get(path) as response:
                found[path] = response.status
        return found


@pytest.mark.parametrize("module", PACKAGES)
def test_the_start_used_the_installed_packages_and_not_the_tree(
    installed: Installed, tmp_path: Path, module: str
) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", f"import {module}; print({module}.__file__)"],
        cwd=tmp_path,
        env=outside(installed),
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(asked.stdout.strip()).is_relative_to(installed.site)
