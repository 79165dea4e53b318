"""The package as others get it: a wheel built from a copy of the tree, and unpacked."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("showroom", "signaling", "media", "booking", "web", "bench")


@dataclass(frozen=True)
class Installed:
    """A wheel and the folder that it was installed into."""

    wheel: Path
    site: Path


def install(folder: Path) -> Installed:
    """Build the wheel in `folder` and install it there, beside nothing of ours.

    From a copy: a build leaves files beside its sources, and takes up what an earlier one left.
    """
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source],
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    subprocess.run([*pip, "install", "--no-deps", "--target", site, wheel], check=True)
    return Installed(wheel, site)
