# SPDX-License-Identifier: MIT
"""Sounds that users have: their names, the list of them, how they go, and which a trigger plays."""
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from sound_files import wav_of_samples
from sounds import LIST, Sounds, outcome, use_sound
from speech import media_with, probe

IN_USE, NOT_FOUND = (409, "sound is used by a trigger"), (404, "sound file not found")
RACERS = 16


@pytest.fixture
def sounds(suite, api, db):
    return Sounds(suite, api, db)


@pytest.fixture
def use(nats):
    return lambda user, trigger, filename: use_sound(nats, user, trigger, filename)


# ---- names ----

@pytest.mark.parametrize("given, expected", [
    ("a b!.wav", "a_b_.wav"), ("бум.wav", "___.wav"), ("♡😎.wav", "__.wav"), ("/etc/passwd", "passwd"), ("../../a.wav", "a.wav"),
    ("C:\\music\\a.wav", "a.wav"), (".hidden.wav", "hidden.wav"), ("..", "sound"), ("noname", "noname"),
    ("A-Z_9.WAV", "A-Z_9.WAV"), ("%2e%2e%2fa.wav", "_2e_2e_2fa.wav"), ("a\u2028b.wav", "a_b.wav"), ("NULL", "NULL"),
    ("x" * 300 + ".wav", "x" * 124 + ".wav")])
def test_names_are_cleaned(sounds, user, given, expected):
    reply = sounds.upload(user, name=given).json()
    assert reply["filename"] == expected
    assert reply["url"].endswith(f"/{user.id}/{expected}")
    assert sounds.fetch(reply["url"]).status_code == 200
    assert sounds.names(user) == [expected]


def test_a_taken_name_is_numbered(sounds, user, make_user):
    assert [sounds.upload(user).json()["filename"] for _ in range(3)] == ["boom.wav", "boom_2.wav", "boom_3.wav"]
    assert sounds.upload(user, name="boom_2.wav").json()["filename"] == "boom_2_2.wav"
    assert sounds.upload(user, name="y" * 200).json()["filename"] == "y" * 128
    assert sounds.upload(user, name="y" * 200).json()["filename"] == "y" * 126 + "_2"
    assert sounds.upload(make_user()).json()["filename"] == "boom.wav"
    assert len(sounds.names(user)) == 6


def test_uploads_of_one_name_at_once_get_names_of_their_own(sounds, user):
    def send(count):
        return count, sounds.upload(user, wav_of_samples(count)).json()

    with ThreadPoolExecutor(RACERS) as pool:
        replies = list(pool.map(send, range(800, 800 + 8 * RACERS, 8)))
    names = {reply["filename"] for _, reply in replies}
    assert names == {"boom.wav", *(f"boom_{n}.wav" for n in range(2, RACERS + 1))} == set(sounds.names(user))
    for count, reply in replies:
        assert round(probe(sounds.fetch(reply["url"]).content, ".wav")["seconds"] * 1000) == count // 8, "somebody else's sound"


# ---- listing and deleting ----

def test_the_newest_sound_is_listed_first(sounds, api, user, make_user):
    for name in ("b.wav", "c.wav", "a.wav"):
        sounds.upload(user, name=name)
    assert api.get(LIST, token=user.token).json() == {"sounds": [
        {"filename": name, "url": sounds.url(user, name)} for name in ("a.wav", "c.wav", "b.wav")]}
    assert api.get(LIST, token=make_user().token).json() == {"sounds": []}


def test_a_base_with_a_slash_gives_the_same_addresses(suite, sounds, user):
    with media_with(suite, MEDIA_BASE_URL=suite.env["BASE"] + "/"):
        url = sounds.upload(user).json()["url"]
        assert url == sounds.url(user)
        assert sounds.fetch(url).status_code == 200


def test_a_deleted_sound_is_gone(sounds, user):
    url = sounds.upload(user).json()["url"]
    reply = sounds.delete(user)
    assert (reply.status_code, reply.json()) == (200, {"status": "ok"})
    assert sounds.names(user) == [] and list(sounds.folder(user).iterdir()) == []
    assert sounds.fetch(url).status_code == 404
    assert outcome(sounds.delete(user)) == NOT_FOUND
    assert sounds.upload(user).json()["filename"] == "boom.wav"


@pytest.mark.parametrize("name", ["", "none.wav", "../boom.wav", "бум.wav", "x" * 1000, "' or 1=1", "."])
def test_what_is_not_there_is_not_deleted(sounds, user, name):
    sounds.upload(user)
    assert outcome(sounds.delete(user, name)) == NOT_FOUND
    assert sounds.names(user) == ["boom.wav"]


def test_nobody_deletes_the_sounds_of_another(sounds, user, make_user):
    sounds.upload(user)
    for name in ("boom.wav", f"../{user.id}/boom.wav"):
        assert outcome(sounds.delete(make_user(), name)) == NOT_FOUND
    assert sounds.names(user) == ["boom.wav"]


def test_a_sound_that_a_trigger_plays_stays(sounds, use, user):
    triggers = [str(uuid.uuid4()) for _ in range(2)]
    url = sounds.upload(user).json()["url"]
    for trigger in (*triggers, *triggers):
        assert use(user, trigger, "boom.wav") == 200
    for trigger in triggers:
        assert outcome(sounds.delete(user)) == IN_USE
        assert sounds.fetch(url).status_code == 200
        assert use(user, trigger, None) == use(user, trigger, None) == 200
    assert outcome(sounds.delete(user)) == 200


def test_a_trigger_that_plays_another_sound_lets_the_first_go(sounds, use, user):
    trigger = str(uuid.uuid4())
    for name in ("a.wav", "b.wav"):
        sounds.upload(user, name=name)
        assert use(user, trigger, name) == 200
    assert outcome(sounds.delete(user, "a.wav")) == 200
    assert outcome(sounds.delete(user, "b.wav")) == IN_USE


def test_a_trigger_plays_only_what_is_there(sounds, use, user, make_user):
    sounds.upload(user)
    trigger = str(uuid.uuid4())
    assert [use(user, trigger, name) for name in ("none.wav", "../boom.wav", "")] == [NOT_FOUND] * 3
    assert use(make_user(), trigger, "boom.wav") == NOT_FOUND
    assert use(make_user(), trigger, None) == 200
