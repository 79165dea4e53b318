"""``python -m showroom.demo.cars OUT_DIR`` writes every picture of the range."""

from __future__ import annotations

import sys
from pathlib import Path

from showroom.demo.cars import ANGLES, MODELS, PAINTS, draw_car


def write_all(folder: Path) -> int:
    """Write ``{model}-{angle}-{paint}.svg`` for everything; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [(m, a, p.slug) for m in MODELS for a in ANGLES for p in PAINTS[m]]
    for model, angle, paint in names:
        (folder / f"{model}-{angle}-{paint}.svg").write_text(
            draw_car(model, angle, paint), encoding="utf-8"
        )
    return len(names)


def main() -> int:
    """Run the command."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m showroom.demo.cars OUT_DIR\n")
        return 2
    sys.stdout.write(f"{write_all(Path(sys.argv[1]))} pictures written\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
