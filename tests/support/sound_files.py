# SPDX-License-Identifier: MIT
"""Sound files as people have them: made by ffmpeg and sox; and WAVs of a size or a length to the byte."""
import math
import struct
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

PROGRAM_SECONDS = 60
WAV_HEAD_BYTES = 44

# What people call them → how ffmpeg makes them.
FFMPEG = {
    "mp3": ("-c:a", "libmp3lame", "-b:a", "64k", "-f", "mp3"),
    "wav": ("-c:a", "pcm_s16le", "-f", "wav"),
    "ogg": ("-c:a", "libvorbis", "-q:a", "2", "-f", "ogg"),
    "opus": ("-c:a", "libopus", "-b:a", "48k", "-f", "opus"),
    "m4a": ("-c:a", "aac", "-b:a", "64k", "-f", "ipod"),
}
SOX = {"mp3": ("-C", "64"), "wav": ("-b", "16"), "ogg": ("-C", "2")}


def run(*command):
    subprocess.run(command, capture_output=True, timeout=PROGRAM_SECONDS, check=True)


@lru_cache(maxsize=None)
def by_ffmpeg(kind, seconds=1.0, volume=0.25, rate=8000):
    """A tone. rate is not Opus'."""
    rate = 48000 if kind == "opus" else rate
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"tone.{kind}"
        run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"sine=frequency=440:sample_rate={rate}:duration={seconds}",
            "-af", f"volume={volume * 8}", "-ac", "1", *FFMPEG[kind], path)  # ffmpeg's sine has an eighth of full scale
        return path.read_bytes()


@lru_cache(maxsize=None)
def by_sox(kind, seconds=1.0, volume=0.25, rate=8000):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"tone.{kind}"
        run("sox", "-n", "-r", str(rate), "-c", "1", *SOX[kind], path, "synth", str(seconds), "sine", "440", "vol", str(volume))
        return path.read_bytes()


MAKERS = [*((by_ffmpeg, kind) for kind in FFMPEG), *((by_sox, kind) for kind in SOX)]


def wav_head(samples_bytes, rate, bits):
    frame = bits // 8
    return struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", WAV_HEAD_BYTES - 8 + samples_bytes, b"WAVE", b"fmt ", 16, 1, 1, rate,
                       rate * frame, frame, bits, b"data", samples_bytes)


def wav_of_size(size, rate=22050):
    """A tone of 8 bits in a file of exactly so many bytes."""
    count = size - WAV_HEAD_BYTES
    samples = bytes(128 + round(32 * math.sin(2 * math.pi * 440 * i / rate)) for i in range(count))
    return wav_head(count, rate, 8) + samples


def wav_of_samples(count, rate=8000):
    """A tone of exactly so many samples of 16 bits."""
    samples = struct.pack(f"<{count}h", *(round(8000 * math.sin(2 * math.pi * 440 * i / rate)) for i in range(count)))
    return wav_head(2 * count, rate, 16) + samples
