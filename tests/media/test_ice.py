"""ICE servers: credentials for a call, for a while (threat 7). `tests/deploy` shows them to a real
TURN server."""

import base64
import hashlib
import hmac

import pytest

from media.ice import TRIAL_S, Way, ice_servers, way_of, ways_out
from showroom.ids import CallId
from showroom.settings import Settings
from tests.virtual_clock import START_MS

CALL = CallId("9WcX3l1zq0t8Yk2mVb7QeA")
STEP_S = 60  # a quarter of what `settings` says
SECRET = "shared with the TURN server"
STUN = "stun:turn.example.com:3478"
UDP = "turn:turn.example.com:3478?transport=udp"
TCP = "turn:turn.example.com:3478?transport=tcp"
TLS = "turns:turn.example.com:443?transport=tcp"


def settings(stun: str = STUN, turn: str = f"{UDP},{TCP},{TLS}", ttl: int = 240) -> Settings:
    return Settings.load(stun_urls=stun, turn_urls=turn, turn_secret=SECRET, turn_ttl_seconds=ttl)


def test_without_any_server_the_list_is_empty() -> None:
    assert ice_servers(Settings.load(), CALL, START_MS) == []


def test_the_list_names_every_server() -> None:
    stun_entry, turn_entry = ice_servers(settings(), CALL, START_MS)
    assert stun_entry == {"urls": [STUN]}
    assert turn_entry["urls"] == [UDP, TCP, TLS]


def test_the_user_is_the_expiry_and_the_call_and_the_password_its_seal() -> None:
    _, entry = ice_servers(settings(), CALL, START_MS)
    step_ends_s = -(-START_MS // (STEP_S * 1000)) * STEP_S
    username = f"{step_ends_s + 240}:{CALL}"
    assert entry["username"] == username
    digest = hmac.digest(SECRET.encode(), username.encode(), hashlib.sha1)
    assert entry["credential"] == base64.b64encode(digest).decode()


def test_each_call_has_credentials_of_its_own() -> None:
    one, other = (ice_servers(settings(), CallId(name), START_MS)[1] for name in ("one", "other"))
    assert one["username"] != other["username"]
    assert one["credential"] != other["credential"]


def test_credentials_stay_the_same_within_a_step_and_last_their_time_at_every_moment() -> None:
    moments = range(START_MS, START_MS + 3 * STEP_S * 1000, 701)
    names = [ice_servers(settings(), CALL, now)[1]["username"] for now in moments]
    assert len(set(names)) == 4
    for now, name in zip(moments, names, strict=True):
        assert 240_000 <= int(name.split(":")[0]) * 1000 - now < 300_000


@pytest.mark.parametrize(
    ("url", "way"),
    [
        (UDP, Way.UDP),
        (TCP, Way.TCP),
        (TLS, Way.TLS),
        (STUN, Way.UDP),
        ("turn:turn.example.com", Way.UDP),
        ("turns:turn.example.com", Way.TLS),
        ("stuns:turn.example.com", Way.TLS),
    ],
)
def test_an_address_says_which_way_it_leads(url: str, way: Way) -> None:
    assert way_of(url) is way


def test_each_way_out_is_tried_alone_with_credentials_for_a_minute_or_two() -> None:
    ways = ways_out(settings(), "check-somebody", START_MS)
    assert {way: [one["urls"] for one in servers] for way, servers in ways.items()} == {
        Way.UDP: [[UDP]],
        Way.TCP: [[TCP]],
        Way.TLS: [[TLS]],
    }
    for servers in ways.values():
        expires, _, user = servers[0]["username"].partition(":")
        assert user == "check-somebody"
        assert 0 < int(expires) * 1000 - START_MS <= TRIAL_S * 1250


def test_where_nothing_is_relayed_stun_tries_udp_and_the_other_ways_are_not_set_up() -> None:
    assert ways_out(Settings.load(stun_urls=STUN), "somebody", START_MS) == {
        Way.UDP: [{"urls": [STUN]}],
        Way.TCP: [],
        Way.TLS: [],
    }
    assert ways_out(Settings.load(), "somebody", START_MS) == {way: [] for way in Way}
