"""The demo has everything with it, whatever the environment names."""

from pathlib import Path

import pytest

from showroom.demo.run import settings_of
from showroom.settings import Settings


def test_a_server_s_environment_is_not_the_demo_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = settings_of(tmp_path, 8090, [])
    for name, value in {
        "DATABASE_URL": "postgresql://db.example/live",
        "REDIS_URL": "redis://redis.example/0",
        "PUBLIC_URL": "https://live.example",
        "MAIL_URL": "smtp://mail.example",
        "MAIL_FROM": "visits@live.example",
        "SECRET_KEY": "of somebody else, and long enough for them",
        "DATA_DIR": "/srv/showroom",
        "PORT": "9000",
        "HOST": "0.0.0.0",
    }.items():
        monkeypatch.setenv(f"SHOWROOM_{name}", value)
    assert settings_of(tmp_path, 8090, []) == plain
    assert Settings.load() != plain
    monkeypatch.setenv("SHOWROOM_LOG_LEVEL", "debug")
    assert settings_of(tmp_path, 8090, []).log_level == "debug"
