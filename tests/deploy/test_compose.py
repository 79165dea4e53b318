"""The compose file: it fits the settings, names files that exist, and shows nobody too much."""

import re
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import yaml

from showroom.settings import Settings
from tests.deploy.installed import ROOT
from tests.deploy.test_dockerfile import DOCKERFILE, last_stage, of

DEPLOY = ROOT / "deploy"
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::[?-][^}]*)?\}")
VALUES = {
    "DOMAIN": "live.example.com",
    "SECRET_KEY": "a" * 64,
    "DATABASE_PASSWORD": "b" * 64,
    "REDIS_PASSWORD": "c" * 64,
    "MAIL_URL": "smtp://me:secret@mail.example.com:587",
    "MAIL_FROM": "visits@example.com",
    "TURN_SECRET": "d" * 64,
    "TURN_ADDRESS": "203.0.113.7",
    "TURN_PUBLIC_ADDRESS": "203.0.113.7",
    "MEDIA_ADDRESS": "203.0.113.7",
}
# What a house has that signs in with its own accounts; without it they are empty.
COMPANY = {
    "OIDC_ISSUER": "https://login.example.com/tenant",
    "OIDC_CLIENT_ID": "showroom",
    "OIDC_CLIENT_SECRET": "e" * 32,
    "OIDC_FACTOR_ACR": "gold",
}

Tree = dict[str, Any]


ON_443 = {
    "WEB_ADDRESS": "203.0.113.6",
    "TURN_HOST": "turn.example.com",
    "TURN_CERTIFICATE": "/etc/letsencrypt/live/turn.example.com",
}


def read(name: str = "compose.yaml") -> Tree:
    """Return a file with its variables filled in, as Docker would."""
    values = {**VALUES, **COMPANY, **ON_443}
    text = VARIABLE.sub(lambda found: values[found[1]], (DEPLOY / name).read_text())
    # The tag says that a list replaces the one of the file before.
    tree: Tree = yaml.safe_load(text.replace("!override", ""))
    return tree


@pytest.fixture
def services() -> Tree:
    found: Tree = read()["services"]
    return found


def test_it_has_the_nodes_and_everything_that_they_share(services: Tree) -> None:
    assert set(services) == {"proxy", "showroom", "media", "database", "redis", "turn"}
    assert services["showroom"]["deploy"]["replicas"] == 2


def test_the_sample_names_exactly_the_variables() -> None:
    used = {found[1] for found in VARIABLE.finditer((DEPLOY / "compose.yaml").read_text())}
    sample = re.findall(r"^([A-Z_]+)=$", (DEPLOY / ".env.sample").read_text(), re.MULTILINE)
    assert set(sample) == used == {*VALUES, *COMPANY}


def test_a_variable_that_is_missing_stops_the_start() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    for name in VALUES:
        assert f"${{{name}:?" in text, name
    for name in COMPANY:
        assert f"${{{name}:-}}" in text, name


def test_the_nodes_settings_exist_and_are_right(services: Tree) -> None:
    settings = node_settings(services)
    assert settings.public_url == "https://live.example.com"
    assert settings.database_url.startswith("postgresql+asyncpg://")
    assert "@database/" in settings.database_url
    assert settings.redis_url.endswith("@redis:6379/0")
    assert settings.require_secret_key()


def test_the_media_workers_run_apart_and_listen_where_the_ports_lead(services: Tree) -> None:
    assert node_settings(services).media_workers == 0
    workers = node_settings(services, "media")
    assert workers.redis_url == node_settings(services).redis_url
    assert workers.media_addresses == (VALUES["MEDIA_ADDRESS"],)
    ports = workers.media_ports
    assert services["media"]["ports"] == [f"{ports}:{ports}/udp"]
    assert services["media"]["command"] == ["showroom", "media"]


def node_settings(services: Tree, name: str = "showroom") -> Settings:
    environment: dict[str, str] = services[name]["environment"]
    assert all(name.startswith("SHOWROOM_") for name in environment)
    return Settings.load(
        **{name.removeprefix("SHOWROOM_").lower(): text for name, text in environment.items()}
    )


def test_the_nodes_believe_the_proxys_word_and_nobody_elses(services: Tree) -> None:
    address = ip_address(services["proxy"]["networks"]["front"]["ipv4_address"])
    assert node_settings(services).trusted_proxies == (ip_network(address),)
    (pool,) = read()["networks"]["front"]["ipam"]["config"]
    assert address in ip_network(pool["subnet"])
    assert address not in ip_network(pool["ip_range"])


def test_only_the_proxy_opens_ports_and_the_stores_are_on_a_private_network(services: Tree) -> None:
    doors = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(doors) == {"proxy", "media"}
    assert all(port.endswith("/udp") for port in doors["media"])
    assert read()["networks"]["back"]["internal"] is True
    for store in ("database", "redis"):
        assert services[store]["networks"] == ["back"]
    assert services["turn"]["network_mode"] == "host"


def test_the_stores_ask_for_the_passwords_that_the_nodes_have(services: Tree) -> None:
    command: list[str] = services["redis"]["command"]
    assert command[command.index("--requirepass") + 1] == VALUES["REDIS_PASSWORD"]
    password = services["database"]["environment"]["POSTGRES_PASSWORD"]
    assert f":{password}@" in node_settings(services).database_url


def test_the_turn_server_and_the_nodes_share_secret_and_port(services: Tree) -> None:
    settings = node_settings(services)
    assert settings.turn_secret
    secret = settings.turn_secret.get_secret_value()
    assert f"--static-auth-secret={secret}" in services["turn"]["command"]
    port = re.search(
        r"^listening-port=(\d+)$", (DEPLOY / "coturn" / "turnserver.conf").read_text(), re.MULTILINE
    )
    assert port
    assert {url.split("?")[0] for url in settings.turn_urls} == {f"turn:live.example.com:{port[1]}"}
    assert {url.split("=")[1] for url in settings.turn_urls} == {"udp", "tcp"}


def test_the_files_that_it_names_exist(services: Tree) -> None:
    for service in services.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (DEPLOY / source).is_file() if source[0] == "." else source in read()["volumes"]
        if "build" in service:
            assert (DEPLOY / service["build"] / "Dockerfile").is_file()


def test_the_nodes_share_the_folder_that_files_go_to(services: Tree) -> None:
    (volume,) = services["showroom"]["volumes"]
    name, folder = volume.split(":")
    assert read()["volumes"][name] is None, "kept on this machine, where locks hold"
    image = last_stage(DOCKERFILE)
    assert of(image, "VOLUME") == [folder]
    # A new volume takes the owner over from the image's folder, so it must be there.
    (run,) = of(image, "RUN")
    assert "--uid 10001 " in run
    assert run.endswith(f"install --directory --owner showroom --mode 700 {folder}")


def test_the_proxy_compresses_and_passes_on_to_all_nodes(services: Tree) -> None:
    config = (DEPLOY / "Caddyfile").read_text()
    assert "./Caddyfile:/etc/caddy/Caddyfile:ro" in services["proxy"]["volumes"]
    assert re.search(r"^\{\$DOMAIN\} \{$", config, re.MULTILINE)
    assert re.search(r"^\tencode zstd gzip$", config, re.MULTILINE)
    assert re.search(r"^\t\tdynamic a showroom 8080 \{$", config, re.MULTILINE)


def test_on_port_443_the_relay_speaks_tls_at_an_address_that_is_not_the_proxys(
    services: Tree,
) -> None:
    second: Tree = read("turn-on-443.yaml")["services"]
    at, before = second["turn"]["command"], services["turn"]["command"]
    assert set(before) <= set(at), "what the other file says goes without saying"
    assert {"--tls-listening-port=443", "--cert=/etc/turn/fullchain.pem"} <= set(at)
    assert second["turn"]["volumes"] == [f"{ON_443['TURN_CERTIFICATE']}:/etc/turn:ro"]
    assert f"--listening-ip={VALUES['TURN_ADDRESS']}" in at
    assert all(port.startswith(f"{ON_443['WEB_ADDRESS']}:") for port in second["proxy"]["ports"])
    assert [port.split(":", 1)[1] for port in second["proxy"]["ports"]] == services["proxy"][
        "ports"
    ]
    services["showroom"]["environment"].update(second["showroom"]["environment"])
    assert node_settings(services).turn_urls == (
        "turn:turn.example.com:3478?transport=udp",
        "turn:turn.example.com:3478?transport=tcp",
        "turns:turn.example.com:443?transport=tcp",
    )


def test_what_port_443_needs_besides_stands_in_the_sample() -> None:
    text = (DEPLOY / "turn-on-443.yaml").read_text()
    used = {found[1] for found in VARIABLE.finditer(text)} - {*VALUES, *COMPANY}
    sample = re.findall(r"^#([A-Z_]+)=$", (DEPLOY / ".env.sample").read_text(), re.MULTILINE)
    assert set(sample) == used == set(ON_443)
    for name in ON_443:
        assert f"${{{name}:?" in text, name
