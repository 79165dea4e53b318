"""The private members of other packages that we use are where `media.inside` looks for them."""

import ast
import inspect
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from aioice import Candidate, Connection, ice
from aiortc import RTCCertificate, RTCDtlsTransport
from pylibsrtp import Policy, Session, _binding

from media import inside
from media.relay.road import Doors, Paths, Road

ROOT = Path(__file__).parents[2]
# The load of a measurement is no part of what runs: one that breaks with a new version says so.
OURS = ("showroom", "signaling", "media", "booking", "web")
THEIRS = {"aiortc", "aioice", "pylibsrtp"}
CERTIFICATE = RTCCertificate.generateCertificate()


class Duck:
    """All that a DTLS transport asks of the transport below it."""

    role = "controlled"

    async def _recv(self) -> bytes:
        raise ConnectionError

    async def _send(self, data: bytes) -> None: ...


def a_dtls_transport() -> RTCDtlsTransport:
    return RTCDtlsTransport(Duck(), [CERTIFICATE])  # type: ignore[arg-type]


def a_pair() -> ice.CandidatePair:
    protocol = ice.StunProtocol(Connection(ice_controlling=False))
    protocol.local_candidate = Candidate("1", 1, "udp", 1, "192.0.2.1", 1, "host")
    return ice.CandidatePair(protocol, protocol.local_candidate)


# Package, its version's range, member, where it is, and an instance or module to look at.
async def members() -> list[tuple[str, str, object]]:
    dtls, connection = a_dtls_transport(), Connection(ice_controlling=False)
    return [
        ("aiortc", "RTCDtlsTransport._set_role", dtls),
        ("aiortc", "RTCDtlsTransport._rx_srtp", dtls),
        ("aiortc", "RTCDtlsTransport._tx_srtp", dtls),
        ("pylibsrtp", "Session._srtp", Session(Policy(bytes(30), Policy.SSRC_ANY_INBOUND))),
        ("pylibsrtp", "_binding.ffi", _binding),
        ("pylibsrtp", "_binding.lib", _binding),
        ("aioice", "Connection._nominated", connection),
        ("aioice", "Connection._check_list", connection),
        ("aioice", "Connection._protocols", connection),
        ("aioice", "CandidatePair.state", a_pair()),
        ("aioice", "StunProtocol.datagram_received", ice.StunProtocol),
    ]


async def test_each_private_member_that_we_use_is_still_there() -> None:
    for package, member, owner in await members():
        name = member.rsplit(".", 1)[1]
        assert hasattr(owner, name), (
            f"{package} has moved its {member}: adapt media/inside.py before you raise its version"
        )


async def test_each_private_member_still_is_what_we_take_it_for() -> None:
    connection = Connection(ice_controlling=False)
    assert isinstance(connection._nominated, dict), "aioice: Connection._nominated was a dict"
    assert isinstance(connection._check_list, list), "aioice: Connection._check_list was a list"
    assert isinstance(connection._protocols, list), "aioice: Connection._protocols was a list"
    states = {state.name for state in ice.CandidatePair.State}
    assert states == {"FROZEN", "WAITING", "IN_PROGRESS", "SUCCEEDED", "FAILED"}, (
        "aioice: CandidatePair.State has other states than those that the guard goes by"
    )
    for name in ("protect", "unprotect", "protect_rtcp", "unprotect_rtcp"):
        assert hasattr(_binding.lib, f"srtp_{name}"), f"pylibsrtp: lib.srtp_{name} is gone"
    received = inspect.signature(ice.StunProtocol.datagram_received).parameters
    assert list(received) == ["self", "data", "addr"], (
        "aioice: StunProtocol.datagram_received takes other arguments"
    )


async def test_libsrtp_works_in_place_in_a_context_of_a_session() -> None:
    sending = Session(Policy(bytes(30), Policy.SSRC_ANY_OUTBOUND))
    hearing = Session(Policy(bytes(30), Policy.SSRC_ANY_INBOUND))
    bench = inside.Workbench()
    packet = bytes.fromhex("8060000100000002000000ff") + b"in clear"
    bench.bytes[: len(packet)] = packet
    bench.length[0] = len(packet)
    assert inside.protect(sending._srtp[0], bench.pointer, bench.length) == 0
    protected = bytes(bench.view[: bench.length[0]])
    assert len(packet) < len(protected) <= len(packet) + inside.TRAILER
    assert protected[12:] != packet[12:]
    assert inside.unprotect(hearing._srtp[0], bench.pointer, bench.length) == 0
    assert bytes(bench.view[: bench.length[0]]) == packet


def test_a_dtls_transport_asks_the_one_below_it_for_nothing_but_what_a_road_has() -> None:
    asked = {
        node.attr
        for node in ast.walk(ast.parse(inspect.getsource(RTCDtlsTransport).lstrip()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr in ("transport", "_transport")
    }
    assert asked == {"_recv", "_send", "role"}, "aiortc: RTCDtlsTransport needs more of its road"
    assert all(hasattr(Road, name) for name in asked)


async def test_what_we_keep_in_a_connection_has_no_name_that_is_theirs() -> None:
    road = Road(Doors(), inside.Workbench(), lambda _: None)
    theirs = set(vars(Connection(ice_controlling=False))) | set(dir(Connection))
    kept = set(vars(Paths(road, Doors()))) - set(vars(Connection(ice_controlling=False)))
    assert kept == {"gone", "_road", "_doors"}
    assert not kept & theirs
    overridden = {name for name in vars(Paths) if not name.startswith("__")} & theirs
    assert overridden == {
        "get_component_candidates",
        "data_received",
        "check_complete",
        "close",
    }, "aioice: Connection has lost or gained a method that the relay's paths replace"


# ---------------------------------------------------------------- nobody else


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield each module of ours that names one of these packages."""
    for folder in OURS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(file.read_text())
            if any(_packages(node) & THEIRS for node in ast.walk(tree)):
                yield str(file.relative_to(ROOT)), tree


def _packages(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return {node.module.split(".")[0]}
    return set()


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _defined(tree: ast.Module) -> set[str]:
    """Return the names that a module gives to things of its own."""
    own = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            own.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _of_self(node):
            own.add(node.attr)
    return own


def _of_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _private_members_of_others(tree: ast.Module, inherited: set[str]) -> set[str]:
    """Return the private names that a module uses, and neither it nor a class of ours defines."""
    own, used = _defined(tree), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if not (_of_self(node) and node.attr in inherited):
                used.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and _packages(node) & THEIRS:
            used |= {*str(node.module).split("."), *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            used.add(node.value)  # what `getattr` would be given
    return {name for name in used - own if _is_private(name) and name.isidentifier()}


def test_no_other_module_of_ours_uses_a_private_member_of_theirs() -> None:
    all_modules = dict(modules())
    assert "media/relay/road.py" in all_modules
    ours = set().union(*map(_defined, all_modules.values()))
    found = {
        name: private
        for name, tree in all_modules.items()
        if name != "media/inside.py" and (private := _private_members_of_others(tree, ours))
    }
    assert not found, "private members belong into media/inside.py, where a test watches them"


async def test_the_modules_own_list_is_what_it_uses_and_what_is_watched_here() -> None:
    tree = ast.parse((ROOT / "media" / "inside.py").read_text())
    used = _private_members_of_others(tree, set())
    watched = {part for _, member, _ in await members() for part in member.split(".")}
    assert used == {part for part in watched if part.startswith("_")}
    assert inside.__doc__
    for name in used:
        assert name in inside.__doc__, f"media/inside.py uses {name} and does not say so"


def test_the_search_would_find_one() -> None:
    sly = """
from aioice import _hidden
class Ours(Theirs):
    def _own(self):
        self._parents, self._secret, peer._parents, getattr(peer, "_named")
        self._own()
"""
    found = _private_members_of_others(ast.parse(sly), {"_parents"})
    assert found == {"_hidden", "_secret", "_parents", "_named"}


@pytest.mark.parametrize("pin", ["aiortc>=1.16,<1.17", "aioice>=0.13,<0.14", "pylibsrtp>=1.0,<2"])
def test_only_versions_that_are_known_to_fit_are_installed(pin: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert pin in project["dependencies"]
