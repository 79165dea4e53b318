"""A showroom whose policy is to show no address: everything goes through a real coturn."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from showroom.showrooms import Policy
from tests.browser import eyes
from tests.browser.conftest import OpenHouse
from tests.browser.pages import talk
from tests.browser.relay import SECRET, open_relay

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_relay_only_call_goes_through_coturn_on_both_ends(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    with open_relay(tmp_path) as address:
        turn = {"turn_urls": (address,), "turn_secret": SecretStr(SECRET)}
        cast = await open_house(turn, policy=Policy(relay_only=True))
        customer, advisor = await cast.couple()
        await talk(customer, advisor)
        await eyes.hears(customer.page)
        for side in (customer, advisor):
            seen = await eyes.traffic(side.page)
            assert (seen.local, seen.remote) == ("relay", "relay")
        await customer.hangs_up()
        await customer.reads("Thank you for your visit")
