"""The robot's voice: soft made-up syllables with pauses, and now and then a two-note chime.

It says nothing in any language, so that nobody mistakes it for an advisor, but it lets a customer
hear that the sound works. Vowels are sums of harmonics under three formants (Peterson and Barney,
"Control methods used in a study of the vowels", JASA 24, 1952).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
SPEAKING_DBFS = -26.0

_VOWELS = np.array(
    [(660, 1720, 2410), (530, 1840, 2480), (390, 1990, 2550), (570, 840, 2410), (440, 1020, 2240),
     (490, 1350, 1690), (640, 1190, 2390)], dtype=np.float64
)  # fmt: skip
_BANDWIDTHS = np.array([80.0, 110.0, 160.0])
_FORMANT_LEVELS = np.array([1.0, 0.5, 0.22])
_TOP_HZ = 3800.0
_PITCH_HZ = (112.0, 150.0)
_CHIME_HZ = (659.26, 880.0)
_CHIME_PEAK = 0.10
_PHRASES_A_CHIME = 5

_Wave = NDArray[np.float64]


class Voice:
    """An endless murmur; the same `seed` always says the same."""

    def __init__(self, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        self._ready: NDArray[np.int16] = np.zeros(0, dtype=np.int16)
        self._phrases = 0

    def samples(self, n: int) -> NDArray[np.int16]:
        """Return the next `n` samples, shape (n,): mono, 48,000 a second, without a seam."""
        while len(self._ready) < n:
            wave = np.rint(self._phrase() * 32767).astype(np.int16)
            self._ready = np.concatenate([self._ready, wave])
        out, self._ready = self._ready[:n], self._ready[n:]
        return out.copy()

    def _phrase(self) -> _Wave:
        """Return a few syllables and the pause behind them; sometimes the chime comes first."""
        random = self._random
        parts: list[_Wave] = []
        if self._phrases % _PHRASES_A_CHIME == 0:
            parts += [_chime(), _silence(0.35)]
        self._phrases += 1
        syllables = int(random.integers(4, 10))
        pitch = float(random.uniform(*_PITCH_HZ))
        for index in range(syllables):
            # The melody of a statement: it falls towards the end.
            height = pitch * (1.08 - 0.22 * index / syllables) * random.uniform(0.96, 1.05)
            last = index == syllables - 1
            length = float(random.uniform(0.11, 0.19)) * (1.5 if last else 1.0)
            vowels = _VOWELS[random.integers(0, len(_VOWELS), 2)]
            parts += [_syllable(length, height, vowels), _silence(random.uniform(0.015, 0.05))]
        parts.append(_silence(random.uniform(0.45, 1.0)))
        return np.concatenate(parts)


def _silence(seconds: float) -> _Wave:
    return np.zeros(int(seconds * RATE))


def _syllable(length: float, pitch: float, vowels: _Wave) -> _Wave:
    """One syllable that glides from the first vowel to the second. Silent at both ends."""
    count = int(length * RATE)
    share = np.linspace(0, 1, count)
    hertz = pitch * (1.03 - 0.07 * share)
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    harmonics = np.arange(1, int(_TOP_HZ / pitch) + 1)

    def levels(formants: _Wave) -> _Wave:
        away = (harmonics[:, None] * pitch - formants) / _BANDWIDTHS
        return np.asarray((_FORMANT_LEVELS / (1 + away**2)).sum(axis=1))

    first, second = levels(vowels[0]), levels(vowels[1])
    glide = share * share * (3 - 2 * share)
    wave = np.zeros(count)
    for number, start, end in zip(harmonics, first, second, strict=True):
        wave += (start + (end - start) * glide) * np.sin(number * phase)
    wave *= np.minimum(np.sin(np.pi * share**0.6) * 1.3, 1.0) ** 1.5
    level = 10 ** (SPEAKING_DBFS / 20)
    wave *= level / np.sqrt(np.mean(wave**2))
    # Far above any peak that a syllable reaches; a promise, not a sound.
    return np.clip(wave, -0.5, 0.5)


def _chime() -> _Wave:
    """Two soft notes, a fourth apart."""
    count = int(0.9 * RATE)
    seconds = np.arange(count) / RATE
    wave = np.zeros(count)
    for hertz, start in zip(_CHIME_HZ, (0.0, 0.18), strict=True):
        since = np.maximum(seconds - start, 0)
        strike = np.minimum(since / 0.008, 1) * np.exp(-since / 0.16)
        phase = 2 * np.pi * hertz * since
        wave += strike * (np.sin(phase) + 0.2 * np.sin(2 * phase))
    wave *= np.minimum((seconds[-1] - seconds) / 0.05, 1)
    return np.asarray(wave * (_CHIME_PEAK / np.abs(wave).max()))
