"""The sound: continuous, soft, with pauses."""

import numpy as np
import pytest

from showroom.robot.voice import RATE, Voice

TEN_SECONDS = 10 * RATE
BLOCK = RATE // 50


def blocks_rms(samples: np.ndarray) -> np.ndarray:
    """The level of every 20 ms, as a share of full scale."""
    whole = samples[: len(samples) // BLOCK * BLOCK].reshape(-1, BLOCK) / 32768
    return np.asarray(np.sqrt(np.mean(whole**2, axis=1)))


def test_the_voice_sounds_the_same_whatever_the_size_of_the_chunks() -> None:
    whole = Voice(3).samples(TEN_SECONDS)
    voice = Voice(3)
    sizes = np.random.default_rng(0).integers(1, 5000, 500)
    pieces = np.concatenate([voice.samples(int(size)) for size in sizes])[:TEN_SECONDS]
    assert np.array_equal(whole[: len(pieces)], pieces)


def test_a_chunk_is_mono_sixteen_bit_sound() -> None:
    chunk = Voice().samples(960)
    assert chunk.shape == (960,)
    assert chunk.dtype == np.int16


def test_no_samples_are_an_empty_chunk() -> None:
    assert Voice().samples(0).shape == (0,)


def test_the_seed_decides_what_is_said() -> None:
    assert np.array_equal(Voice(5).samples(RATE * 4), Voice(5).samples(RATE * 4))
    assert not np.array_equal(Voice(5).samples(RATE * 4), Voice(6).samples(RATE * 4))


@pytest.mark.parametrize("seed", range(4))
def test_the_voice_never_clips(seed: int) -> None:
    samples = Voice(seed).samples(3 * TEN_SECONDS).astype(int)
    assert np.abs(samples).max() < 0.45 * 32767


@pytest.mark.parametrize("seed", range(4))
def test_the_voice_never_clicks(seed: int) -> None:
    samples = Voice(seed).samples(TEN_SECONDS).astype(int)
    # 3.8 kHz, the highest harmonic, cannot climb faster than this at these levels.
    assert np.abs(np.diff(samples)).max() < 4000


def test_the_voice_speaks_and_pauses() -> None:
    level = blocks_rms(Voice(1).samples(2 * TEN_SECONDS))
    silent = level < 1e-4
    assert 0.1 < silent.mean() < 0.6
    runs = np.split(silent, np.flatnonzero(np.diff(silent)) + 1)
    longest = max(len(run) for run in runs if run[0])
    assert longest * 0.02 >= 0.4


def test_the_voice_speaks_at_a_moderate_level() -> None:
    level = blocks_rms(Voice(1).samples(3 * TEN_SECONDS))
    speaking = level[level > 10 ** (-45 / 20)]
    dbfs = 20 * np.log10(np.sqrt(np.mean(speaking**2)))
    assert dbfs == pytest.approx(-26, abs=2)
