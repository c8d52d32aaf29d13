# SPDX-License-Identifier: MIT
"""Looks into audio that the suite has made, and lets media run with other settings for a while."""
import array
import json
import random
import subprocess
import tempfile
import time
import uuid
from contextlib import contextmanager

from speech_server import TONE_HZ

RATE_HZ = 16000


def timed_id(ago_s=0.0):
    """A UUID of version 7, as who has something spoken makes it."""
    time_ms = int((time.time() - ago_s) * 1000)
    return str(uuid.UUID(int=time_ms << 80 | 7 << 76 | random.getrandbits(12) << 64 | 2 << 62 | random.getrandbits(62)))


def probe(content, suffix=""):
    """ffprobe's opinion of a file: format_name, codec_name, channels, sample_rate, seconds. It must decode without a complaint."""
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(content)
        file.flush()
        done = subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", file.name],
                              capture_output=True, text=True, timeout=60, check=True)
    found = json.loads(done.stdout)
    stream, = found["streams"]
    return {"format": found["format"]["format_name"], "codec": stream["codec_name"], "channels": stream["channels"],
            "rate": int(stream["sample_rate"]), "seconds": len(samples(content)) / RATE_HZ}


def samples(content, rate_hz=RATE_HZ):
    """Decoded to mono; a file that is not whole fails."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", "-", "-f", "s16le", "-ac", "1", "-ar", str(rate_hz), "-"],
                          input=content, capture_output=True, timeout=60, check=True)
    assert done.stderr == b"", done.stderr
    return array.array("h", done.stdout)


def is_tone(content):
    """Whether it is the voice of speech_server.py: apart from pauses it crosses zero so often, and evenly, as no speech does."""
    found, size = samples(content), RATE_HZ // 10
    parts = [found[at:at + size] for at in range(0, len(found) - size, size)]
    hertz = [sum((a < 0) != (b < 0) for a, b in zip(part, part[1:])) * RATE_HZ / size / 2
             for part in parts if max(map(abs, part)) > 1000]
    return len(hertz) > 2 and sum(abs(one - TONE_HZ) < 30 for one in hertz) > 0.8 * len(hertz)


def pitch(content):
    """Hertz of a voice: the median over short stretches of the period after which each resembles itself most."""
    rate_hz, size = 4000, 200
    found, pitches = samples(content, rate_hz), []
    loud = max(map(abs, found)) * size / 10
    for at in range(0, len(found) - 2 * size, size):
        part = found[at:at + 2 * size]
        if sum(map(abs, part[:size])) > loud:
            alike = {lag: sum(part[i] * part[i + lag] for i in range(size)) for lag in range(rate_hz // 350, rate_hz // 70)}
            pitches.append(rate_hz / max(alike, key=alike.get))
    return sorted(pitches)[len(pitches) // 2]


def peak(content):
    """0..1."""
    return max(map(abs, samples(content))) / 32768


@contextmanager
def media_with(suite, **settings):
    """A media daemon with these settings; afterwards it has its old ones."""
    before = dict(suite.environment)
    try:
        suite.environment.update(settings)
        restart_media(suite)
        yield
    finally:
        suite.environment.clear()
        suite.environment.update(before)
        restart_media(suite)


def restart_media(suite):
    suite.stop_one("media")
    suite.start_one("media")
