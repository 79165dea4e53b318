"""A showroom whose policy is to show no address: everything goes through a real coturn."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr

from showroom.showrooms import Policy
from tests.browser import eyes
from tests.browser.chromium import WINDOWLESS, Browsers, open_browsers
from tests.browser.clips import Devices
from tests.browser.conftest import OpenHouse
from tests.browser.pages import talk
from tests.browser.props import LINE, becomes_true, equip, record
from tests.coturn import SECRET, TO_THIS_MACHINE, running_coturn, self_signed

pytestmark = pytest.mark.asyncio(loop_scope="session")

# `relayProtocol` of the chosen local candidate (W3C webrtc-stats).
RELAYED_BY = """line.pc.getStats().then((stats) => {
  const all = [...stats.values()];
  const { selectedCandidatePairId } = all.find((one) => one.type === 'transport');
  return stats.get(stats.get(selectedCandidatePairId).localCandidateId).relayProtocol;
})"""
USER = "line.pc.getConfiguration().iceServers[0].username"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browsers(devices: tuple[Devices, Devices]) -> AsyncIterator[Browsers]:
    """Browsers that take our TURN server's certificate, which nobody has signed."""
    trusting = replace(WINDOWLESS, flags=(*WINDOWLESS.flags, "--ignore-certificate-errors"))
    async with open_browsers(trusting, *devices) as opened:
        yield opened


def relayed_by(url: str) -> dict[str, object]:
    return {"turn_urls": (url,), "turn_secret": SecretStr(SECRET)}


@pytest.mark.parametrize("way", ["udp", "tcp", "tls"])
async def test_a_relay_only_call_goes_through_coturn_on_both_ends(
    open_house: OpenHouse, tmp_path: Path, way: str
) -> None:
    certificate, key = self_signed(tmp_path)
    tls = (f"--cert={certificate}", f"--pkey={key}")
    with running_coturn(tmp_path, *TO_THIS_MACHINE, *tls) as coturn:
        url = {"udp": coturn.udp, "tcp": coturn.tcp, "tls": coturn.tls}[way]
        cast = await open_house(relayed_by(url), policy=Policy(relay_only=True))
        customer, advisor = await cast.customer(), await cast.advisor()
        for side in (customer, advisor):
            await equip(side.page, LINE)
        await talk(customer, advisor)
        await eyes.hears(customer.page)
        for side in (customer, advisor):
            seen = await eyes.traffic(side.page)
            assert (seen.local, seen.remote) == ("relay", "relay")
            assert await record(side.page, RELAYED_BY) == way
        await customer.hangs_up()
        await customer.reads("Thank you for your visit")


async def test_a_call_whose_first_credentials_expired_restarts_with_renewed_ones(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    with running_coturn(tmp_path, *TO_THIS_MACHINE) as first:
        hurried = {**relayed_by(first.udp), "turn_ttl_seconds": 4}
        cast = await open_house(hurried, policy=Policy(relay_only=True))
        customer, advisor = await cast.customer(), await cast.advisor()
        for side in (customer, advisor):
            await equip(side.page, LINE)
        await talk(customer, advisor)
        for side in (customer, advisor):
            await side.page.evaluate("line.pc.first = true")
        users = [await record(side.page, USER) for side in (customer, advisor)]
        expires = max(int(user.split(":")[0]) for user in users)
        await becomes_true(customer.page, f"Date.now() / 1000 > {expires + 1}")
        # What is relayed goes on, and a connection that needs nothing is told nothing.
        await eyes.moves(customer.live_view)
        assert [await record(side.page, USER) for side in (customer, advisor)] == users
    with running_coturn(tmp_path, *TO_THIS_MACHINE, port=first.port):
        for page, user in zip((customer.page, advisor.page), users, strict=True):
            await becomes_true(page, f"{USER} !== '{user}'", within=30)
        await eyes.moves(customer.live_view)
        for side in (customer, advisor):
            # Mended, not made anew: neither side had to ask for a fresh link.
            assert await record(side.page, "line.pc.first") is True
