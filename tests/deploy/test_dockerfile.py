"""The image: slim, not root, with a health check, and built from files that exist."""

import json
import re
import shlex
from pathlib import Path

import pytest

from showroom.settings import Settings
from tests.deploy.installed import PACKAGES, ROOT

DOCKERFILE = ROOT / "Dockerfile"
COTURN = ROOT / "deploy" / "coturn" / "Dockerfile"


def instructions(file: Path) -> list[tuple[str, str]]:
    """Return a Dockerfile's instructions as (word, rest), comments gone and lines joined."""
    lines = [line for line in file.read_text().splitlines() if not line.lstrip().startswith("#")]
    text = "\n".join(lines).replace("\\\n", " ")
    split = (line.split(None, 1) for line in text.splitlines() if line.strip())
    return [(word.upper(), rest.strip()) for word, rest in split]


def last_stage(file: Path) -> list[tuple[str, str]]:
    """Return what makes the image that runs."""
    found = instructions(file)
    start = max(place for place, (word, _) in enumerate(found) if word == "FROM")
    return found[start:]


def of(found: list[tuple[str, str]], word: str) -> list[str]:
    return [rest for name, rest in found if name == word]


@pytest.mark.parametrize(("file", "context"), [(DOCKERFILE, ROOT), (COTURN, COTURN.parent)])
def test_what_is_copied_exists(file: Path, context: Path) -> None:
    copies = [rest for rest in of(instructions(file), "COPY") if not rest.startswith("--from")]
    assert copies
    for rest in copies:
        for source in shlex.split(rest)[:-1]:
            assert (context / source).exists(), source


def test_every_package_and_nothing_secret_is_copied() -> None:
    copied = {
        source
        for rest in of(instructions(DOCKERFILE), "COPY")
        if not rest.startswith("--from")
        for source in shlex.split(rest)[:-1]
    }
    assert copied == {*PACKAGES, "pyproject.toml", "README.md", "LICENSE"}


def test_docker_is_shown_only_what_the_build_copies() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert allowed == {*PACKAGES, "pyproject.toml", "README.md", "LICENSE"}


@pytest.mark.parametrize("file", [DOCKERFILE, COTURN])
def test_nothing_runs_as_root(file: Path) -> None:
    users = of(last_stage(file), "USER")
    assert users
    assert users[-1].split(":")[0] not in {"root", "0"}


def test_the_image_has_a_health_check_of_the_right_address() -> None:
    (check,) = of(last_stage(DOCKERFILE), "HEALTHCHECK")
    program = json.loads(check.split("CMD", 1)[1])
    assert program[0] == "python"
    port = re.search(r"SHOWROOM_PORT=(\d+)", " ".join(of(last_stage(DOCKERFILE), "ENV")))
    assert port
    assert f"http://127.0.0.1:{port[1]}/health" in program[-1]
    assert of(last_stage(DOCKERFILE), "EXPOSE") == [port[1]]


def test_the_second_stage_takes_one_folder_and_installs_nothing() -> None:
    stage = last_stage(DOCKERFILE)
    assert of(stage, "COPY") == ["--from=build /opt/showroom /opt/showroom"]
    assert not re.search(r"\b(pip|apt-get|gcc)\b", " ".join(of(stage, "RUN")))
    assert of(stage, "FROM")[0].split(":")[1].split("-")[1] == "slim"


def test_both_stages_have_the_same_python() -> None:
    first, second = of(instructions(DOCKERFILE), "FROM")
    assert first.split()[0] == second


def test_the_image_serves_by_default() -> None:
    assert of(last_stage(DOCKERFILE), "CMD") == ['["showroom", "serve"]']


def test_the_images_settings_exist_and_are_right() -> None:
    environment = dict(
        pair.split("=", 1)
        for line in of(last_stage(DOCKERFILE), "ENV")
        for pair in shlex.split(line)
    )
    given = {
        name.removeprefix("SHOWROOM_").lower(): text
        for name, text in environment.items()
        if name.startswith("SHOWROOM_")
    }
    settings = Settings.load(**given)
    assert settings.host == "0.0.0.0"
    assert [str(settings.data_dir)] == of(last_stage(DOCKERFILE), "VOLUME")
