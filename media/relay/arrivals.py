"""What came of one stream, and what is missing (RFC 3550 §6.4 and appendix A, RFC 4585 §6.2.1)."""

from aiortc.rtp import RtcpReceiverInfo

# A hole this wide is no loss that could be mended: the picture has to begin anew.
WIDEST_HOLE = 300
# Nor is a line that misses more than this at once: nobody else shall wait while it is asked.
MOST_MISSING = 1000
# A packet that was asked for this often, or this long ago (seconds), will not come.
MOST_TRIES = 10
PATIENCE = 1.0
# Pauses between two questions for the same packet, in seconds: about a round trip.
PAUSE = 0.1


class Arrivals:
    """Counts the packets of one SSRC. Times are seconds of a clock that never goes back."""

    def __init__(self, ssrc: int, clock_rate: int) -> None:
        self.ssrc = ssrc
        self.received = 0
        self.octets = 0
        self._clock_rate = clock_rate
        self._first: int | None = None
        self._newest = 0
        self._cycles = 0
        self._jitter = 0.0
        self._transit: float | None = None
        # Number -> (when it was missed, when it is asked for next, how often it was)
        self._missing: dict[int, tuple[float, float, int]] = {}
        self._expected_before = self._received_before = 0

    def add(self, sequence: int, timestamp: int, octets: int, now: float) -> list[int]:
        """Note a packet; return the numbers that are missing since then, to be asked for."""
        self.received += 1
        self.octets += octets
        self._measure_jitter(timestamp, now)
        if self._first is None:
            self._first = self._newest = sequence
            return []
        step = (sequence - self._newest) & 0xFFFF
        if step == 1:
            self._advance(sequence)
            return []
        if step == 0 or step & 0x8000:
            self._missing.pop(sequence, None)
            return []
        return self._leap(sequence, step, now)

    def _leap(self, sequence: int, step: int, now: float) -> list[int]:
        start = self._newest
        self._advance(sequence)
        if step > WIDEST_HOLE or len(self._missing) + step > MOST_MISSING:
            self._missing.clear()
            return []
        lost = [(start + ahead) & 0xFFFF for ahead in range(1, step)]
        for number in lost:
            self._missing[number] = (now, now + PAUSE, 1)
        return lost

    def _advance(self, sequence: int) -> None:
        if sequence < self._newest:
            self._cycles += 1 << 16
        self._newest = sequence

    def _measure_jitter(self, timestamp: int, now: float) -> None:
        transit = now * self._clock_rate - timestamp
        if self._transit is not None:
            change = abs(transit - self._transit)
            # The timestamp wraps once in hours: that is no jitter.
            if change < self._clock_rate * 10:
                self._jitter += (change - self._jitter) / 16
        self._transit = transit

    def overdue(self, now: float) -> list[int]:
        """Return what to ask for again. What has no hope is forgotten."""
        again = []
        for number, (since, due, tries) in list(self._missing.items()):
            if now < due:
                continue
            if tries >= MOST_TRIES or now - since > PATIENCE:
                del self._missing[number]
                continue
            self._missing[number] = (since, now + PAUSE, tries + 1)
            again.append(number)
        return again

    def report(self, sender_report: int, delay: int) -> RtcpReceiverInfo:
        """Return a report block, of what came since the last one.

        `sender_report`: the middle 32 bits of the NTP time of the publisher's last report, `delay`:
        the time since in 1/65,536 s; both 0 where there was none.
        """
        expected = self._cycles + self._newest - (self._first or 0) + 1
        lost = expected - self.received
        expected_now = expected - self._expected_before
        lost_now = expected_now - (self.received - self._received_before)
        self._expected_before, self._received_before = expected, self.received
        share = lost_now / expected_now if expected_now > 0 else 0.0
        return RtcpReceiverInfo(
            ssrc=self.ssrc,
            fraction_lost=min(255, max(0, int(share * 256))),
            packets_lost=max(-(1 << 23), min(lost, (1 << 23) - 1)),
            highest_sequence=(self._cycles + self._newest) & 0xFFFFFFFF,
            jitter=int(self._jitter) & 0xFFFFFFFF,
            lsr=sender_report,
            dlsr=delay,
        )
