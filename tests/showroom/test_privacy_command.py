"""`showroom privacy`, as an operator types it, beside a node that runs and without one."""

import asyncio
import json
import stat
import zipfile
from pathlib import Path

import pytest

from showroom.audit import COMMAND_LINE, AuditLog
from showroom.database import Database
from tests.houses import open_house
from tests.leads import saved_lead
from tests.nodes import SECRET, node_settings
from tests.showroom.test_command_line import run

EMAIL = "jeanne@example.com"
WHO = ("--showroom", "paris", "--email", EMAIL)


@pytest.mark.parametrize("with_a_node", [True, False])
async def test_an_operator_exports_and_erases_somebody(tmp_path: Path, with_a_node: bool) -> None:
    settings = node_settings(tmp_path)
    environment = {
        "SHOWROOM_DATA_DIR": str(tmp_path),
        "SHOWROOM_SECRET_KEY": SECRET,
        "SHOWROOM_REDIS_URL": "",
    }
    file = tmp_path / "jeanne.zip"
    async with open_house(settings) as house:
        await saved_lead(house.node.shared.database, house.paris)
        paris = house.paris
        if with_a_node:
            await _exports_and_erases(file, environment)
    if not with_a_node:
        await _exports_and_erases(file, environment)
    async with Database.open(settings.database_url) as database:
        noted = await AuditLog(database).page(paris)
    assert [(one.entry.who, one.entry.deed.value) for one in noted] == [
        (COMMAND_LINE, "erased"),
        (COMMAND_LINE, "exported"),
    ]


async def _exports_and_erases(file: Path, environment: dict[str, str]) -> None:
    export = await asyncio.to_thread(
        run, "privacy", "export", *WHO, "--file", str(file), **environment
    )
    assert export.returncode == 0, export.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    data = json.loads(zipfile.ZipFile(file).read("data.json"))
    assert [one["email"] for one in data["leads"]] == [EMAIL]
    erase = ("privacy", "erase", *WHO, "--reason", "asked")
    done = await asyncio.to_thread(run, *erase, **environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("\tleads 1\n")
    again = await asyncio.to_thread(run, *erase, **environment)
    assert again.returncode != 0
    assert "There is nothing of this person here." in again.stderr
