"""Time that moves only when a test says so."""

START_MS = 1_760_000_000_000  # Thursday 9 October 2025, 08:53:20 UTC


class VirtualClock:
    """A `showroom.clock.Clock` that stands still until `advance`."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def advance(self, *, seconds: float = 0, hours: float = 0, days: float = 0) -> None:
        """Let time pass."""
        self.now_ms += round((seconds + hours * 3600 + days * 86_400) * 1000)
