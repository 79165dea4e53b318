"""Settings: read once, and wrong ones are refused in a sentence that helps."""

import os
import re
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from showroom.errors import StartupError
from showroom.settings import Settings

SAMPLE = Path(__file__).parents[2] / ".env.sample"
ASSIGNMENT = re.compile(r"^(SHOWROOM_[A-Z_]+)=(.*)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in list(os.environ):
        if variable.upper().startswith("SHOWROOM_"):
            monkeypatch.delenv(variable)


def test_the_sample_names_exactly_the_settings() -> None:
    named = [variable for variable, _ in ASSIGNMENT.findall(SAMPLE.read_text())]
    assert sorted(named) == sorted(f"SHOWROOM_{field.upper()}" for field in Settings.model_fields)


def test_the_sample_holds_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = Settings.load()
    for variable, value in ASSIGNMENT.findall(SAMPLE.read_text()):
        monkeypatch.setenv(variable, value)
    assert Settings.load() == defaults


def test_the_sample_explains_each_setting() -> None:
    blocks = SAMPLE.read_text().split("\n\n")
    for block in blocks:
        if ASSIGNMENT.search(block):
            assert block.startswith("# "), block


def test_without_any_variable_everything_is_embedded() -> None:
    settings = Settings.load()
    assert settings.database_url == "sqlite+aiosqlite:///data/showroom.db"
    assert settings.redis_url == ""
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.turn_ttl_seconds == 240


def test_the_sqlite_file_follows_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOWROOM_DATA_DIR", "/var/lib/show room")
    assert Settings.load().database_url == "sqlite+aiosqlite:////var/lib/show%20room/showroom.db"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://me:secret@db/showroom", "postgresql+asyncpg://me:secret@db/showroom"),
        ("postgres://db/showroom", "postgresql+asyncpg://db/showroom"),
        ("postgresql+asyncpg://db/showroom", "postgresql+asyncpg://db/showroom"),
        ("sqlite:///folder/a.db", "sqlite+aiosqlite:///folder/a.db"),
    ],
)
def test_a_database_address_gets_the_driver_that_we_use(
    monkeypatch: pytest.MonkeyPatch, given: str, used: str
) -> None:
    monkeypatch.setenv("SHOWROOM_DATABASE_URL", given)
    assert Settings.load().database_url == used


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOWROOM_TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8")
    monkeypatch.setenv("SHOWROOM_EXTRA_ORIGINS", "https://a.example,https://B.example/,")
    monkeypatch.setenv("SHOWROOM_HANDOFF_HOSTS", "crm.lan, 10.1.0.0/16,::1")
    settings = Settings.load()
    assert settings.handoff_hosts == ("crm.lan", "10.1.0.0/16", "::1")
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert settings.extra_origins == ("https://a.example", "https://b.example")


def test_an_origin_is_written_as_browsers_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOWROOM_PUBLIC_URL", "https://Live.example:443/")
    monkeypatch.setenv("SHOWROOM_EXTRA_ORIGINS", "http://[::1]:80,http://a.example:443")
    settings = Settings.load()
    assert settings.origins == {"https://live.example", "http://[::1]", "http://a.example:443"}
    assert settings.address == "https://live.example"


def test_the_own_origins_of_a_usual_port_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOWROOM_PORT", "80")
    settings = Settings.load()
    assert settings.origins == {"http://localhost", "http://127.0.0.1", "http://[::1]"}
    assert settings.address == "http://localhost"


def test_an_override_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOWROOM_PORT", "9000")
    assert Settings.load(port=9001).port == 9001
    assert Settings.load().port == 9000


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings.load().port = 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SHOWROOM_PORT", "eighty"),
        ("SHOWROOM_PORT", "65536"),
        ("SHOWROOM_PORT", "0"),
        ("SHOWROOM_DATABASE_URL", "mysql://db/showroom"),
        ("SHOWROOM_DATABASE_URL", "postgresql://"),
        ("SHOWROOM_DATABASE_URL", "postgresql://host:port/showroom"),
        ("SHOWROOM_REDIS_URL", "localhost:6379"),
        ("SHOWROOM_PUBLIC_URL", "live.example.com"),
        ("SHOWROOM_PUBLIC_URL", "https://example.com/live"),
        ("SHOWROOM_EXTRA_ORIGINS", "https://a.example,*"),
        ("SHOWROOM_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("SHOWROOM_HANDOFF_HOSTS", "10.0.0.0/33"),
        ("SHOWROOM_HANDOFF_HOSTS", "10.0.0.256"),
        ("SHOWROOM_HANDOFF_HOSTS", "https://crm.lan"),
        ("SHOWROOM_HANDOFF_HOSTS", "*.lan"),
        ("SHOWROOM_METRICS_TOKEN", "too short"),
        ("SHOWROOM_MAIL_URL", "mail.example.com:25"),
        ("SHOWROOM_MAIL_URL", "smtp://"),
        ("SHOWROOM_MAIL_URL", "smtp://host:port"),
        ("SHOWROOM_MAIL_URL", "smtp://host/inbox"),
        ("SHOWROOM_MAIL_URL", "imap://host"),
        ("SHOWROOM_MAIL_FROM", "visits"),
        ("SHOWROOM_MAIL_FROM", "Visits <visits@example.com>"),
        ("SHOWROOM_SECRET_KEY", "too short"),
        ("SHOWROOM_TLS_CERTIFICATE", "/nowhere/certificate.pem"),
        ("SHOWROOM_STUN_URLS", "turn:turn.example.com"),
        ("SHOWROOM_TURN_URLS", "turn.example.com"),
        ("SHOWROOM_TURN_TTL_SECONDS", "119"),
        ("SHOWROOM_TURN_TTL_SECONDS", "0"),
        ("SHOWROOM_QUEUE_GRACE_SECONDS", "-1"),
        ("SHOWROOM_SESSION_HOURS", "1.5"),
        ("SHOWROOM_LOG_LEVEL", "loud"),
        ("SHOWROOM_LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence_that_names_it_and_what_is_right(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(StartupError) as refused:
        Settings.load()
    sentence = str(refused.value)
    right = Settings.model_fields[variable.removeprefix("SHOWROOM_").lower()].description
    assert right
    assert sentence.startswith(f"{variable} must be {right}")
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_complaint_never_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in (
        ("SHOWROOM_SECRET_KEY", "hunter2"),
        ("SHOWROOM_DATABASE_URL", "mysql://me:hunter2@db/showroom"),
        ("SHOWROOM_REDIS_URL", "http://:hunter2@db"),
        ("SHOWROOM_MAIL_URL", "http://me:hunter2@mail"),
        ("SHOWROOM_MAIL_URL", "smtp://me:hunter2@mail:587"),
    ):
        with monkeypatch.context() as patched, pytest.raises(StartupError) as refused:
            patched.setenv(variable, value)
            Settings.load()
        assert variable in str(refused.value)
        assert "hunter2" not in str(refused.value)


def test_a_misspelled_variable_is_refused_with_the_one_that_was_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOWROOM_PROT", "8090")
    expected = r"^SHOWROOM_PROT is not a setting; did you mean SHOWROOM_PORT\?$"
    with pytest.raises(StartupError, match=expected):
        Settings.load()


def test_an_unknown_override_is_refused() -> None:
    with pytest.raises(StartupError, match=r"^SHOWROOM_COLOUR is not a setting\.$"):
        Settings.load(colour="red")


def test_a_certificate_needs_its_key_and_a_key_its_certificate(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "file.pem"
    file.touch()
    for one, other in (("CERTIFICATE", "KEY"), ("KEY", "CERTIFICATE")):
        with monkeypatch.context() as patched:
            patched.setenv(f"SHOWROOM_TLS_{one}", str(file))
            with pytest.raises(StartupError, match=rf"^SHOWROOM_TLS_{other} is missing: .*\.$"):
                Settings.load()


def test_a_turn_server_needs_its_secret() -> None:
    with pytest.raises(StartupError, match=r"^SHOWROOM_TURN_SECRET is missing: .*\.$"):
        Settings.load(turn_urls="turn:turn.example.com")
    assert Settings.load(turn_urls="turn:turn.example.com", turn_secret="s").turn_urls


def test_a_mail_server_needs_to_know_whom_mails_come_from() -> None:
    with pytest.raises(StartupError, match=r"^SHOWROOM_MAIL_FROM is missing: .*\.$"):
        Settings.load(mail_url="smtp://mail.example.com")
    settings = Settings.load(mail_url="smtp://mail.example.com", mail_from="visits@Müller.de")
    assert settings.mail_from == "visits@xn--mller-kva.de"


def test_links_lead_to_the_public_address_or_to_this_machine() -> None:
    assert Settings.load(port=8090).address == "http://localhost:8090"
    assert Settings.load(public_url="https://live.example.com/").address == (
        "https://live.example.com"
    )


def test_serving_needs_a_secret_key() -> None:
    with pytest.raises(StartupError, match=r"^SHOWROOM_SECRET_KEY is missing: .*\.$"):
        Settings.load().require_secret_key()
    assert Settings.load(secret_key="k" * 32).require_secret_key() == "k" * 32


def test_only_our_own_address_and_the_extra_ones_are_allowed_origins() -> None:
    assert Settings.load(port=8090).origins == {
        "http://localhost:8090",
        "http://127.0.0.1:8090",
        "http://[::1]:8090",
    }
    public = Settings.load(
        public_url="https://Live.Example.com/", extra_origins="https://shop.example.com"
    )
    assert public.origins == {"https://live.example.com", "https://shop.example.com"}
