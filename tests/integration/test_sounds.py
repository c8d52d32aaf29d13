# SPDX-License-Identifier: MIT
"""Sounds that users upload: what is a sound, and how it is served. Sections 3 and 6 of the contract."""
import re
import subprocess

import pytest

from sound_files import FFMPEG, MAKERS, by_ffmpeg, by_sox, wav_of_samples, wav_of_size
from sounds import BEEP, DELETE, LIST, UPLOAD, Sounds, outcome
from speech import media_with, probe, samples

UNSUPPORTED, TOO_LONG, TOO_LARGE = ((400, text) for text in
                                    ("unsupported audio", "duration must be <= 5s", "file too large (100KB max)"))
MAX_BYTES = 102400
CODECS = {"mp3": "mp3", "wav": "pcm_s16le", "ogg": "vorbis", "opus": "opus", "m4a": "aac"}
TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg", "opus": "audio/ogg", "m4a": "audio/mp4"}


@pytest.fixture
def sounds(suite, api, db):
    return Sounds(suite, api, db)


# ---- uploading and fetching ----

def test_an_upload_is_named_stored_and_served(sounds, user):
    reply = sounds.upload(user).json()
    assert reply == {"status": "ok", "filename": "boom.wav", "url": sounds.url(user)}
    file = sounds.fetch(reply["url"])
    assert file.status_code == 200
    assert file.content == (sounds.folder(user) / "boom.wav").read_bytes()
    assert sounds.names(user) == ["boom.wav"]
    assert sounds.rows(user)["boom.wav"][:3] == ("wav", len(file.content), 100)


@pytest.mark.parametrize("make, kind", MAKERS)
def test_every_format_is_taken_and_its_copy_is_of_that_format(sounds, user, make, kind):
    reply = sounds.upload(user, make(kind), f"tone.{kind}")
    assert outcome(reply) == 200
    sounds.settle(user)
    file = sounds.fetch(reply.json()["url"])
    assert file.headers["Content-Type"] == TYPES[kind]
    found = probe(file.content, f".{kind}")
    assert found["codec"] == CODECS[kind]
    assert abs(found["seconds"] - 1) < 0.2  # MP3s of sox do not say what of them is padding
    name, size, duration_ms, loudness, peak, gain = sounds.rows(user)[f"tone.{kind}"]
    assert name == {"ogg": "ogg-vorbis", "opus": "ogg-opus"}.get(kind, kind)
    assert size == len(file.content)
    assert abs(duration_ms - 1000) < 200
    assert -40 < loudness < -5 and -25 < peak < 0 and -30 < gain < 30


def test_opus_may_be_called_ogg(sounds, user):
    reply = sounds.upload(user, by_ffmpeg("opus"), "tone.ogg")
    sounds.settle(user)
    assert probe(sounds.fetch(reply.json()["url"]).content, ".ogg")["codec"] == "opus"


@pytest.mark.parametrize("named", FFMPEG)
def test_a_name_that_lies_gets_a_copy_that_agrees_with_it(sounds, user, named):
    kind = "wav" if named == "mp3" else "mp3"
    url = sounds.upload(user, by_ffmpeg(kind, volume=0.02), f"tone.{named}").json()["url"]
    sounds.settle(user)
    file = sounds.fetch(url)
    assert file.headers["Content-Type"] == TYPES[named]
    assert probe(file.content, f".{named}")["codec"] == CODECS[named]


def test_whatever_its_name_a_sound_has_the_type_of_what_it_is(suite, sounds, user):
    with media_with(suite, SOUND_NORMALISE="0"):
        for kind in FFMPEG:
            file = sounds.fetch(sounds.upload(user, by_ffmpeg(kind), f"{kind}.txt").json()["url"])
            assert file.headers["Content-Type"] == TYPES[kind]


def loudness_of(content):
    """Integrated, as ffmpeg measures it."""
    done = subprocess.run(["ffmpeg", "-nostats", "-i", "-", "-af", "ebur128", "-f", "null", "-"], input=content,
                          capture_output=True, timeout=60, check=True)
    return float(re.findall(rb"I: +(-?[0-9.]+) LUFS", done.stderr)[-1])


@pytest.mark.parametrize("kind", FFMPEG)
def test_quiet_and_loud_sounds_are_served_equally_loud(sounds, user, kind):
    for volume in (0.02, 0.9):
        reply = sounds.upload(user, by_ffmpeg(kind, 3.0, volume), f"v{volume}.{kind}").json()
        sounds.settle(user)
        content = sounds.fetch(reply["url"]).content
        assert abs(loudness_of(content) - -16) < 1, volume
        assert max(map(abs, samples(content))) < 32767
        *_, loudness, _, gain = sounds.rows(user)[reply["filename"]]
        assert abs(loudness + gain - -16) < 0.5


def test_silence_is_a_sound(sounds, user):
    assert outcome(sounds.upload(user, by_sox("wav", volume=0.0), "quiet.wav")) == 200
    sounds.settle(user)
    assert sounds.rows(user)["quiet.wav"][3:] == (None, None, 0)


def test_without_normalising_the_original_is_served(suite, sounds, user):
    original = by_ffmpeg("mp3", 1.0, 0.02)
    with media_with(suite, SOUND_NORMALISE="0"):
        assert sounds.fetch(sounds.upload(user, original, "a.mp3").json()["url"]).content == original
    url = sounds.upload(user, original, "b.mp3").json()["url"]
    sounds.settle(user)
    assert sounds.fetch(url).content != original


def test_a_sound_is_served_as_files_are(sounds, api, user):
    url = sounds.upload(user).json()["url"]
    whole = sounds.fetch(url)
    assert whole.headers["Cache-Control"] == "public, max-age=2592000"
    assert whole.headers["Access-Control-Allow-Origin"] == "*"
    part = sounds.fetch(url, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")
    assert sounds.fetch(url, headers={"Range": "bytes=-5"}).content == whole.content[-5:]
    assert sounds.fetch(url, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    head = api.session.head(url, timeout=15)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(whole.content)))
    assert sounds.fetch(url.rsplit("/", 1)[0] + "/").status_code == 404
    assert sounds.fetch(url.rsplit("/", 1)[0]).status_code == 404


# ---- limits ----

@pytest.mark.parametrize("size, expected", [(MAX_BYTES, 200), (MAX_BYTES + 1, TOO_LARGE)])
def test_a_sound_has_so_many_bytes(sounds, user, size, expected):
    assert outcome(sounds.upload(user, wav_of_size(size))) == expected
    assert sounds.folder(user).exists() == (expected == 200)


def test_a_sound_far_too_large_is_refused_before_it_is_read(sounds, user):
    assert outcome(sounds.upload(user, bytes(3_000_000))) == (413, "Request Entity Too Large")


@pytest.mark.parametrize("make, kind", MAKERS)
@pytest.mark.parametrize("seconds, expected", [(4.9, 200), (5.0, 200), (5.1, TOO_LONG)])
def test_a_sound_lasts_so_long(sounds, user, make, kind, seconds, expected):
    if (make, kind, seconds) == (by_sox, "ogg", 5.0):
        seconds = 4.95  # FFmpeg decodes 24 ms more than these files say that they have
    assert outcome(sounds.upload(user, make(kind, seconds), f"tone.{kind}")) == expected


@pytest.mark.parametrize("rate", [8000, 9600])
def test_a_sound_lasts_so_long_to_the_millisecond(sounds, user, rate):
    assert outcome(sounds.upload(user, wav_of_samples(5 * rate, rate))) == 200
    assert outcome(sounds.upload(user, wav_of_samples(5 * rate + rate // 1000 + 1, rate))) == TOO_LONG


def test_the_length_is_that_of_what_is_decoded(sounds, user):
    """The first file's header speaks of itself alone."""
    assert outcome(sounds.upload(user, by_ffmpeg("mp3", 4.0) + by_ffmpeg("mp3", 4.0), "twice.mp3")) == TOO_LONG


@pytest.mark.parametrize("data", [
    b"", b"x", b"RIFF", b"this is no sound\n" * 100, b"\x89PNG\r\n\x1a\n" + bytes(500), b"<html><body></body></html>",
    b"ID3" + bytes(1000), b"OggS" + bytes(1000), bytes(5000), b"\xff\xfb" * 4000])
@pytest.mark.parametrize("name", ["boom.mp3", "boom.wav"])
def test_what_is_no_sound_is_refused_whatever_its_name(sounds, user, data, name):
    assert outcome(sounds.upload(user, data, name)) == UNSUPPORTED
    assert not sounds.folder(user).exists()


@pytest.mark.parametrize("arguments", [
    ("-c:a", "flac", "-f", "flac"), ("-c:a", "ac3", "-f", "ac3"), ("-c:a", "pcm_s16be", "-f", "aiff"),
    ("-c:a", "aac", "-f", "adts"), ("-c:a", "flac", "-f", "ogg"), ("-c:a", "libmp3lame", "-f", "avi")])
def test_other_formats_are_refused(sounds, user, tmp_path, arguments):
    path = tmp_path / "tone"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=duration=1", *arguments, path], timeout=60, check=True)
    assert outcome(sounds.upload(user, path.read_bytes(), "tone.mp3")) == UNSUPPORTED


def test_the_texts_follow_the_limits(suite, api, user):
    def send(data):
        reply = api.session.post(suite.env["BASE"] + UPLOAD, files={"file": ("a.wav", data)}, timeout=15,
                                 headers={"Authorization": f"Bearer {user.token}"})
        return outcome(reply)

    with media_with(suite, SOUND_MAX_BYTES="20480", SOUND_MAX_SECONDS="1.5"):
        assert send(wav_of_size(20481)) == (400, "file too large (20KB max)")
        assert send(wav_of_samples(9600, 6000)) == (400, "duration must be <= 1.5s")
        assert send(wav_of_samples(9000, 6000)) == 200


# ---- who ----

@pytest.mark.parametrize("method, path", [("POST", UPLOAD), ("GET", LIST), ("POST", DELETE)])
def test_nobody_is_refused(api, method, path):
    assert outcome(api.call(method, path)) == (401, "missing bearer token")
    assert outcome(api.call(method, path, token="x.y.z")) == (401, "invalid token")


def test_a_banned_user_uploads_nothing(sounds, user, db):
    db.execute("update auth.users set is_banned = true where id = %s", (user.id,))
    assert outcome(sounds.upload(user)) == (403, "user banned")
    assert not sounds.folder(user).exists()


def test_a_user_who_is_gone_uploads_nothing(sounds, user, db):
    db.execute("delete from auth.users where id = %s", (user.id,))
    assert outcome(sounds.upload(user)) == (401, "user not found")
    assert not sounds.folder(user).exists()


def test_a_form_without_a_file_does_not_fit(api, user):
    reply = api.post(UPLOAD, files={"other": ("boom.wav", BEEP)}, token=user.token)
    assert reply.status_code == 422
    assert reply.json()["detail"][0]["loc"] == ["body", "file"]
