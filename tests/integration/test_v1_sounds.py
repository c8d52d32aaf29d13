# SPDX-License-Identifier: MIT
"""Sounds of the old API's clients, by ws_token: section 9 of the contract."""
import uuid
from collections import namedtuple
from urllib.parse import quote

import pytest

from sound_files import by_ffmpeg, by_sox, wav_of_samples, wav_of_size
from sounds import BEEP, Sounds, outcome, use_sound
from speech import probe
from suite import wait_for

UPLOAD, LIST, DELETE = "/sounds/upload", "/sounds/list", "/sounds/delete"
BAD_TOKEN, BAD_NAME, NOT_FOUND = (401, "Invalid token"), (400, "Invalid filename"), (404, "File not found")
Client = namedtuple("Client", "id token")


@pytest.fixture
def make_client(api, make_key):
    def make():
        reply = api.post("/auth/login", {"license_key": make_key()}).json()
        return Client(reply["user_id"], reply["ws_token"])
    return make


@pytest.fixture
def client(make_client):
    return make_client()


@pytest.fixture
def upload(api):
    def send(client, sound_name="boom", data=BEEP, file_name="file.wav"):
        return api.post(UPLOAD, data={"ws_token": client.token, "sound_name": sound_name}, files={"file": (file_name, data)})
    return send


@pytest.fixture
def listed(api):
    return lambda client: [sound["filename"] for sound in api.get(f"{LIST}/{client.token}").json()["sounds"]]


@pytest.fixture
def delete(api):
    return lambda client, name: api.call("DELETE", f"{DELETE}/{client.token}/{quote(name, safe='')}")


# ---- uploading ----

def test_an_upload_is_stored_and_served(suite, api, upload, client):
    reply = upload(client)
    assert reply.json() == {"status": "ok", "sound_file": "boom.wav",
                            "sound_url": f"{suite.env['BASE']}/static/sounds/{client.id}/boom.wav"}
    file = api.session.get(reply.json()["sound_url"], timeout=15)
    assert file.headers["Content-Type"] == "audio/wav"
    assert probe(file.content, ".wav")["seconds"] == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("sound_name, file_name, kind, expected", [
    ("boom", "file.mp3", "mp3", "boom.mp3"), ("boom.mp3", "file.mp3", "mp3", "boom.mp3"), ("boom.MP3", "x", "mp3", "boom.MP3"),
    ("boom", "file", "mp3", "boom.mp3"), ("boom", "file", "opus", "boom.opus"), ("boom", "file", "ogg", "boom.ogg"),
    ("boom", "file.bin", "m4a", "boom.m4a"), ("v1.5", "file.wav", "wav", "v1.5.wav"), ("my sound", "f.wav", "wav", "my_sound.wav"),
    ("../../x", "f.wav", "wav", "x.wav"), ("бум", "f.wav", "wav", "___.wav"), (".", "f.wav", "wav", "sound.wav"),
    ("x" * 200, "f.wav", "wav", "x" * 124 + ".wav")])
def test_the_sounds_name_is_the_clients_and_the_extension_the_files(upload, listed, client, sound_name, file_name, kind, expected):
    reply = upload(client, sound_name, by_ffmpeg(kind), file_name)
    assert reply.json()["sound_file"] == expected
    assert listed(client) == [expected]


def test_a_taken_name_is_numbered(upload, client):
    assert [upload(client).json()["sound_file"] for _ in range(3)] == ["boom.wav", "boom_2.wav", "boom_3.wav"]


@pytest.mark.parametrize("data, text", [
    (wav_of_size(102401), "file too large (100KB max)"), (wav_of_samples(5 * 8000 + 9), "duration must be <= 5s"),
    (b"", "unsupported audio"), (b"no sound", "unsupported audio")])
def test_the_limits_are_those_of_all(upload, listed, client, data, text):
    assert outcome(upload(client, data=data)) == (400, text)
    assert listed(client) == []


def test_there_is_room_for_so_many(suite, api, upload, client, db):
    sounds = Sounds(suite, api, db)
    sounds.fill(client, 200)
    assert outcome(upload(client)) == (409, "too many sounds")
    sounds.empty()
    sounds.fill(client, 1, 20971520)
    assert outcome(upload(client)) == (409, "sounds take too much space")
    sounds.empty()


@pytest.mark.parametrize("left_out", ["ws_token", "sound_name"])
def test_a_form_without_a_field_does_not_fit(api, client, left_out):
    fields = {"ws_token": client.token, "sound_name": "boom"}
    del fields[left_out]
    reply = api.post(UPLOAD, data=fields, files={"file": ("file.wav", BEEP)})
    assert (reply.status_code, reply.json()["detail"][0]["loc"]) == (422, ["body", left_out])


def test_a_form_without_a_file_does_not_fit(api, client):
    fields = {"ws_token": (None, client.token), "sound_name": (None, "boom")}
    reply = api.post(UPLOAD, files=fields)
    assert (reply.status_code, reply.json()["detail"][0]["loc"]) == (422, ["body", "file"])


# ---- listing and deleting ----

def test_the_newest_sound_is_listed_first(suite, api, upload, client, make_client):
    for name in ("b", "c", "a"):
        upload(client, name)
    assert api.get(f"{LIST}/{client.token}").json() == {"sounds": [
        {"filename": name, "url": f"{suite.env['BASE']}/static/sounds/{client.id}/{name}"} for name in ("a.wav", "c.wav", "b.wav")]}
    assert api.get(f"{LIST}/{make_client().token}").json() == {"sounds": []}


def test_a_sound_is_deleted(api, upload, listed, delete, client):
    url = upload(client).json()["sound_url"]
    reply = delete(client, "boom.wav")
    assert (reply.status_code, reply.json()) == (200, {"status": "ok", "message": "Sound deleted"})
    assert listed(client) == []
    assert api.session.get(url, timeout=15).status_code == 404
    assert outcome(delete(client, "boom.wav")) == NOT_FOUND


@pytest.mark.parametrize("name", [".hidden.wav", "...", "..\\boom.wav", "a\\b.wav", "a b.wav", "бум.wav", "x" * 129, "' or 1=1"])
def test_what_no_sound_can_be_called_is_no_filename(upload, listed, delete, client, name):
    upload(client)
    assert outcome(delete(client, name)) == BAD_NAME
    assert listed(client) == ["boom.wav"]


@pytest.mark.parametrize("name", ["..", ".", "../boom.wav", "a/../boom.wav", "/boom.wav"])
def test_what_is_a_path_finds_nobody(suite, api, upload, listed, client, name):
    """As in FastAPI, a name with a slash, however it is written, is another path."""
    upload(client)
    url = f"{suite.env['BASE']}{DELETE}/{client.token}/{quote(name, safe='')}"
    assert outcome(api.session.delete(url, timeout=15)) in ((404, "Not Found"), BAD_NAME)
    assert listed(client) == ["boom.wav"]


def test_nobody_deletes_the_sounds_of_another(upload, listed, delete, client, make_client):
    upload(client)
    assert outcome(delete(make_client(), "boom.wav")) == NOT_FOUND
    assert listed(client) == ["boom.wav"]


def test_a_sound_that_a_trigger_plays_stays(upload, delete, client, nats):
    upload(client)
    trigger = str(uuid.uuid4())
    assert use_sound(nats, client, trigger, "boom.wav") == 200
    assert outcome(delete(client, "boom.wav")) == (409, "sound is used by a trigger")
    assert use_sound(nats, client, trigger, None) == 200
    assert outcome(delete(client, "boom.wav")) == 200


# ---- who ----

@pytest.mark.parametrize("token", ["x", "' or 1=1", "00000000-0000-4000-8000-000000000000", "ключ"])
def test_a_bad_token_is_refused(api, upload, delete, token):
    nobody = Client(None, token)
    assert outcome(upload(nobody)) == BAD_TOKEN
    assert outcome(api.get(f"{LIST}/{quote(token)}")) == BAD_TOKEN
    assert outcome(delete(Client(None, quote(token)), "boom.wav")) == BAD_TOKEN


def test_a_token_that_has_expired_is_refused(api, upload, delete, client, db):
    upload(client)
    db.execute("update auth.ws_tokens set expires_at = now() where user_id = %s", (client.id,))
    assert outcome(upload(client)) == BAD_TOKEN
    assert outcome(api.get(f"{LIST}/{client.token}")) == BAD_TOKEN
    assert outcome(delete(client, "boom.wav")) == BAD_TOKEN


def test_of_an_erased_user_the_token_is_refused(upload, client, db):
    """The token may outlive the user's data by a moment."""
    db.execute("insert into media.owners (user_id, erased_at) values (%s, now())", (client.id,))
    assert outcome(upload(client)) == BAD_TOKEN


def test_an_account_keeps_its_sounds_when_it_becomes_a_v2_user(api, make_key, upload, name):
    key = make_key()
    reply = api.post("/auth/login", {"license_key": key}).json()
    upload(Client(reply["user_id"], reply["ws_token"]), data=by_sox("mp3"), file_name="file.mp3")
    who = {"username": name, "password": "correct horse", "license_key": key}
    token = api.post("/v2/auth/redeem-license", who).json()["access_token"]
    sounds = wait_for(lambda: api.get("/v2/sounds/list", token=token).json()["sounds"], 5, "list of sounds")
    assert [sound["filename"] for sound in sounds] == ["boom.mp3"]
