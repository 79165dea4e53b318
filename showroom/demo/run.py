"""`showroom demo`: everything on one machine, to see the product work in a minute."""

import os
import secrets
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from booking.mail import mail_folder
from showroom import log
from showroom.app import Door, listening, make_app
from showroom.children import leashed
from showroom.demo.lan import certificate_for, lan_address, qr_code
from showroom.demo.seed import SLUG, SignIn, seed
from showroom.process import stop_signal
from showroom.relaying import media_workers
from showroom.robot.clip import check_clip
from showroom.settings import Settings
from showroom.shared import open_shared
from web.keys import MAIL_FOLDER
from web.routes import demo_routes

KEY_FILE = "secret-key.txt"
# What the environment says is meant for a server: the demo has everything with it, and must never
# write its people into somebody's database. Only how it logs can be chosen.
FROM_OUTSIDE = {"log_level", "log_format"}
SET_HERE = {"data_dir", "port", "secret_key", "extra_origins", "max_sockets_per_address"}
OWN = {
    name: field.default
    for name, field in Settings.model_fields.items()
    if name not in FROM_OUTSIDE | SET_HERE
}


async def demo(port: int, lan: bool, data_dir: Path, robot: bool, clip: Path | None) -> None:
    """Serve the demo on `port` until stopped; with `lan` also on the local network with TLS."""
    stopped = stop_signal()
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    address = lan_address() if lan else None
    tls_port = port + 363 if port + 363 < 65_536 else port - 363  # 8080 → 8443
    origins = [f"https://{address}:{tls_port}", f"https://localhost:{tls_port}"] if address else []
    if clip:
        check_clip(clip)
    settings = settings_of(data_dir, port, origins)
    log.configure("warning" if settings.log_level == "info" else settings.log_level)
    quiet = settings.model_copy(update={"log_level": "warning"})
    doors = [Door(settings.host, settings.port)]
    if address:
        doors.append(Door("0.0.0.0", tls_port, _tls(data_dir, address)))  # noqa: S104 - asked for
    async with open_shared(settings) as shared:
        people = await seed(shared.database, data_dir)
        app = make_app(shared)
        app[MAIL_FOLDER] = mail_folder(settings)
        app.add_routes(demo_routes())
        async with (
            media_workers(quiet, shared.redis_url, settings.media_workers),
            listening(app, doors),
        ):
            with _robot(port, people, clip) if robot else _nobody():
                _announce(f"http://localhost:{port}", people, robot)
                if address:
                    _announce_lan(f"https://{address}:{tls_port}")
                print("\nCtrl+C stops it.", flush=True)
                await stopped.wait()


def settings_of(data_dir: Path, port: int, origins: Sequence[str]) -> Settings:
    """Return the settings of a demo, which are its own whatever the environment says."""
    return Settings.load(
        **OWN,
        data_dir=data_dir,
        port=port,
        secret_key=_secret(data_dir),
        extra_origins=",".join(origins),
        max_sockets_per_address=20_000,
    )


def _secret(data_dir: Path) -> str:
    """Return the demo's own key, the same at every start, so that sign-ins survive it."""
    file = data_dir / KEY_FILE
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(secrets.token_hex(32))
    return file.read_text()


def _tls(data_dir: Path, address: str) -> ssl.SSLContext:
    certificate, key = certificate_for(data_dir, address)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


@contextmanager
def _nobody() -> Iterator[None]:
    yield


@contextmanager
def _robot(port: int, people: list[SignIn], clip: Path | None) -> Iterator[None]:
    """Run the robot advisor in a process of its own: drawing must not slow signalling down."""
    robot = next(person for person in people if person.role == "robot")
    command = [sys.executable, "-m", "showroom", "robot", "--showroom", SLUG]
    command += ["--url", f"http://127.0.0.1:{port}", "--email", robot.email]
    command += ["--clip", str(clip)] if clip else []
    process = subprocess.Popen(
        leashed(command),
        env={**os.environ, "ROBOT_PASSWORD": robot.password},
        stdin=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _announce(base: str, people: list[SignIn], robot: bool) -> None:
    print("\nThe live video showroom is open.\n")
    print(f"  Customer   {base}/s/{SLUG}")
    print(f"  Advisor    {base}/advisor")
    print(f"  Manager    {base}/manager")
    print(f"  Its mail   {base}/demo/mail\n")
    print("Sign in with one of these (they exist only in this demo):\n")
    for person in people:
        if person.role != "robot":
            print(f"  {person.email}  {person.password}")
    if robot:
        print("\nNo second person or camera at hand? A robot advisor answers after 2 seconds")
        print("for as long as no human advisor is available.")


def _announce_lan(base: str) -> None:
    print(f"\nOn the local network, a phone as the advisor: {base}/advisor")
    print("The certificate is this demo's own; the phone asks once whether to trust it.\n")
    print(qr_code(f"{base}/advisor"))
