"""What a browser runs on, by what it calls itself (RFC 9110, 10.1.5): enough for figures, no more.

It is the browser's own word, and nothing is decided by it. An iPad of today calls itself a Mac, and
counts as one.
"""

import re

from showroom.words import Device

# The first that is found says it. The order matters: an Android browser that is not called mobile
# is a tablet's, and Windows on a tablet is a desktop's browser.
SIGNS: tuple[tuple[re.Pattern[str], Device], ...] = (
    (re.compile(r"\bTV\b|SMART-?TV|GoogleTV|BRAVIA|\bAFT[A-Z]", re.IGNORECASE), Device.UNKNOWN),
    (re.compile(r"Windows NT|CrOS"), Device.DESKTOP),
    (re.compile(r"iPad|Tablet|PlayBook"), Device.TABLET),
    (re.compile(r"Mobi|iPhone|iPod|Opera Mini"), Device.PHONE),
    (re.compile(r"Android|\bSilk/"), Device.TABLET),
    (re.compile(r"Macintosh|X11"), Device.DESKTOP),
)


def device_of(user_agent: str) -> Device:
    """Return what a browser with this `User-Agent` runs on; `UNKNOWN` when it does not say."""
    for sign, device in SIGNS:
        if sign.search(user_agent):
            return device
    return Device.UNKNOWN
