"""Devices by what real browsers call themselves."""

import pytest

from showroom.words import Device
from web.devices import device_of

LIKE_GECKO = "(KHTML, like Gecko)"
WEBKIT = f"AppleWebKit/537.36 {LIKE_GECKO}"
CHROME = f"{WEBKIT} Chrome/131.0.0.0"
APPLE = f"AppleWebKit/605.1.15 {LIKE_GECKO}"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        # Chrome, Safari, Firefox, Samsung Internet, Opera Mini and an app's own view, on phones
        (f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36", "phone"),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {APPLE}"
            " Version/18.1 Mobile/15E148 Safari/604.1",
            "phone",
        ),
        ("Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0", "phone"),
        (
            f"Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S928B) {WEBKIT}"
            " SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
            "phone",
        ),
        (
            "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80; U; en) Presto/2.12.423 Version/12.16",
            "phone",
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) {APPLE} Mobile/15E148"
            " [FBAN/FBIOS;FBDV/iPhone15,2]",
            "phone",
        ),
        # tablets
        (
            "Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15"
            f" {LIKE_GECKO} Version/12.1.2 Mobile/15E148 Safari/604.1",
            "tablet",
        ),
        (f"Mozilla/5.0 (Linux; Android 13; SM-X706B) {CHROME} Safari/537.36", "tablet"),
        ("Mozilla/5.0 (Android 13; Tablet; rv:132.0) Gecko/132.0 Firefox/132.0", "tablet"),
        (
            f"Mozilla/5.0 (Linux; Android 9; KFMAWI) {WEBKIT} Silk/120.4.1"
            " like Chrome/120.0.6099.230 Safari/537.36",
            "tablet",
        ),
        # desktops, the last two of which speak of tablets and are none, or are and hide it
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36", "desktop"),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT}"
            " Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
            "desktop",
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
            "desktop",
        ),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME} Safari/537.36", "desktop"),
        (
            "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; Tablet PC 2.0; rv:11.0) like Gecko",
            "desktop",
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/18.1 Safari/605.1.15",
            "desktop",
        ),
        # televisions, programs, and who says nothing
        (
            f"Mozilla/5.0 (Linux; Android 9; BRAVIA 4K GB) {WEBKIT}"
            " Chrome/99.0.4844.88 Safari/537.36",
            "unknown",
        ),
        (
            f"Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.5) {WEBKIT} 85.0.4183.93/6.5 TV Safari/537.36",
            "unknown",
        ),
        ("curl/8.10.1", "unknown"),
        ("Python/3.11 aiohttp/3.11.2", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_browser_s_name_tells_its_device(user_agent: str, device: str) -> None:
    assert device_of(user_agent) is Device(device)
