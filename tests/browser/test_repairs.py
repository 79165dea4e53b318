"""A line that died with its network is made anew at once; a microphone that was lost comes back."""

import pytest

from tests.browser import eyes
from tests.browser.cast import Cast
from tests.browser.pages import talk
from tests.browser.props import LINE, becomes_true, equip, record

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Chromium needs five seconds to notice a dead pair by itself.
AT_ONCE = 2.5
CREDENTIALS = "line.credentials()"
LOSE_MICROPHONE = """() => {
  const [track] = line.microphones();
  track.stop();
  track.dispatchEvent(new Event('ended'));
}"""


async def test_a_line_that_died_with_its_network_and_a_microphone_that_was_lost_are_made_anew(
    cast: Cast,
) -> None:
    customer = await cast.customer(permissions=["microphone"])
    advisor = await cast.advisor()
    for side in (customer, advisor):
        await equip(side.page, LINE)
    await talk(customer, advisor)
    # The handshake is begun by who has offered, and has the answer: nothing of it is said twice.
    assert "a=setup:passive" in await record(customer.page, "line.pc.remoteDescription.sdp")
    for page, change in (
        (customer.page, "dispatchEvent(new Event('online'))"),
        (advisor.page, "navigator.connection.dispatchEvent(new Event('change'))"),
    ):
        # Sound and picture share one transport (RFC 8843), so that there is one line to mend.
        assert await record(page, "line.pc.getConfiguration().bundlePolicy") == "max-bundle"
        assert await record(page, "line.transports()") == 1
        restarts, before = await record(page, "line.restarts"), await record(page, CREDENTIALS)
        await page.evaluate(f"line.pictures.length = 0; line.dead = true; {change}")
        await becomes_true(page, f"line.restarts > {restarts}", within=AT_ONCE)
        await becomes_true(page, f"{CREDENTIALS} !== '{before}'", within=AT_ONCE)
        await page.evaluate("line.dead = false")
        if page is advisor.page:  # nothing of the picture goes into a dead pair, to be sent again
            await becomes_true(page, "line.pictures.join('').includes('offon')")
        await eyes.moves(customer.live_view)

    await customer.tap("Turn microphone on")
    for side, listener in ((advisor, customer), (customer, advisor)):
        await eyes.hears(listener.page)
        await side.page.evaluate(LOSE_MICROPHONE)
        await becomes_true(side.page, "line.microphones().length === 1")
        await eyes.hears(listener.page)
        assert (await eyes.asked_for(side.page))[-1] == "audio"
