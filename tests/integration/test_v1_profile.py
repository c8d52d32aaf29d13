# SPDX-License-Identifier: MIT
"""What clients of the old API see and set of their account: section 9 of the contract. They sign in by ws_token."""
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from sounds import BEEP, outcome
from suite import wait_for

INVALID = (401, "Invalid token")
NOBODY = str(uuid.UUID(int=7))


class Client:
    """An account of the old API, with two sounds."""

    def __init__(self, api, key):
        self.api, self.key = api, key
        reply = api.post("/auth/login", {"license_key": key}).json()
        self.id, self.token = reply["user_id"], reply["ws_token"]
        for name in ("boom", "bang"):
            api.post("/sounds/upload", data={"ws_token": self.token, "sound_name": name}, files={"file": ("x.wav", BEEP)})

    def post(self, path, **body):
        return self.api.post(path, {"ws_token": self.token, **body})

    def profile(self):
        return self.post("/profile/get").json()["profile"]

    def triggers(self):
        return self.api.get(f"/triggers/list/{self.token}").json()["triggers"]


@pytest.fixture
def client(api, make_key):
    return Client(api, make_key())


# ---- the profile ----

def test_a_new_account_has_the_defaults(client):
    profile = client.profile()
    assert profile.pop("created_at") and profile.pop("updated_at")
    assert profile == {"user_id": client.id, "tiktok_username": None, "voice_id": "ru-RU-SvetlanaNeural", "tts_enabled": True,
                       "tts_volume": 1, "gifts_enabled": True, "gifts_volume": 1, "gift_sounds": {}, "viewer_sounds": {}}


def test_the_profile_shows_what_was_set(client):
    client.post("/auth/set-tiktok", tiktok_username=f"@V1.{client.id[:8]}")
    client.post("/auth/set-voice", voice_id="gtts-en")
    profile = client.profile()
    assert (profile["tiktok_username"], profile["voice_id"]) == (f"v1.{client.id[:8]}", "gtts-en")


# ---- sounds of gifts and viewers ----

def test_a_gift_s_sound_is_set_changed_and_deleted(client):
    assert client.post("/profile/gift-sound/set", gift_name="Rose", sound_file="boom.wav").json() == {"status": "ok", "message": "Gift sound set"}
    rose = {"gift_name": "Rose", "sound_file": "boom.wav", "enabled": True}
    assert client.profile()["gift_sounds"] == {"Rose": rose}
    client.post("/profile/gift-sound/set", gift_name="Rose", sound_file="bang.wav", enabled=False)
    client.post("/profile/gift-sound/set", gift_name="Lion", sound_file="boom.wav")
    changed = {**rose, "sound_file": "bang.wav", "enabled": False}
    lion = {**rose, "gift_name": "Lion"}
    assert client.profile()["gift_sounds"] == {"Rose": changed, "Lion": lion}
    assert client.api.get(f"/profile/sounds/list/{client.token}").json() == {"gift_sounds": [changed, lion], "viewer_sounds": []}
    assert client.post("/profile/gift-sound/delete", gift_name="rose").json()["status"] == "ok"
    assert client.profile()["gift_sounds"] == {"Lion": lion}
    assert outcome(client.post("/profile/gift-sound/delete", gift_name="Rose")) == (404, "Gift sound not found")


def test_a_viewer_s_sound_is_set_changed_and_deleted(client):
    client.post("/profile/viewer-sound/set", viewer_username="@Masha", sound_file="boom.wav")
    client.post("/profile/viewer-sound/set", viewer_username="masha", sound_file="bang.wav")
    masha = {"viewer_username": "masha", "sound_file": "bang.wav", "enabled": True}
    assert client.profile()["viewer_sounds"] == {"masha": masha}
    assert client.post("/profile/viewer-sound/delete", viewer_username="MASHA").json()["status"] == "ok"
    assert client.profile()["viewer_sounds"] == {}
    assert outcome(client.post("/profile/viewer-sound/delete", viewer_username="masha")) == (404, "Viewer sound not found")


@pytest.mark.parametrize("path, name", [("gift-sound", "gift_name"), ("viewer-sound", "viewer_username")])
def test_a_sound_that_is_not_there_can_t_be_set(client, path, name):
    assert outcome(client.post(f"/profile/{path}/set", **{name: "x", "sound_file": "none.wav"})) == (404, "sound file not found")
    assert client.triggers() == []


@pytest.mark.parametrize("path, name, value", [("gift-sound", "gift_name", "  "), ("gift-sound", "gift_name", "*"),
                                               ("viewer-sound", "viewer_username", " @ ")])
def test_a_name_that_would_stand_for_all_is_refused(client, path, name, value):
    assert outcome(client.post(f"/profile/{path}/set", **{name: value, "sound_file": "boom.wav"})) == (400, f"{name} is required")
    assert client.triggers() == []


def test_only_a_sound_is_deleted_as_a_sound(client):
    client.post("/triggers/set", event_type="gift", condition_key="gift_name", condition_value="Rose", action="tts", text_template="ура")
    assert outcome(client.post("/profile/gift-sound/delete", gift_name="Rose")) == (404, "Gift sound not found")
    assert len(client.triggers()) == 1


def test_a_sound_in_use_is_not_deleted(client):
    client.post("/profile/gift-sound/set", gift_name="Rose", sound_file="boom.wav")
    assert outcome(client.api.call("DELETE", f"/sounds/delete/{client.token}/boom.wav")) == (409, "sound is used by a trigger")
    client.post("/profile/gift-sound/delete", gift_name="Rose")
    assert outcome(client.api.call("DELETE", f"/sounds/delete/{client.token}/boom.wav")) == 200


def test_what_an_old_client_sets_is_a_trigger_for_a_new_one(api, client):
    """One account under both: the key is redeemed later, and all that was set is there."""
    client.post("/profile/gift-sound/set", gift_name="Rose", sound_file="boom.wav")
    username = f"late.{client.id[:8]}"
    token = api.post("/v2/auth/redeem-license", {"username": username, "password": "correct horse", "license_key": client.key}).json()["access_token"]
    trigger, = api.get("/v2/triggers/list", token=token).json()["triggers"]
    assert (trigger["event_type"], trigger["condition_key"], trigger["condition_value"]) == ("gift", "gift_name", "Rose")
    assert (trigger["action"], trigger["action_params"]["sound_filename"]) == ("play_sound", "boom.wav")


# ---- triggers ----

def test_a_trigger_is_replaced_by_one_of_the_same_event_and_condition(client):
    same = {"event_type": "chat", "condition_key": "message_contains", "condition_value": "gg"}
    assert client.post("/triggers/set", **same, action="tts", text_template="a", priority=5).json() == {"status": "ok"}
    client.post("/triggers/set", **{**same, "condition_value": "wp"}, action="tts", text_template="b")
    client.post("/triggers/set", **same, action="play_sound", sound_filename="boom.wav")
    triggers = client.triggers()
    assert [(t["condition_value"], t["action"], t["priority"]) for t in triggers] == [("gg", "play_sound", 0), ("wp", "tts", 0)]


@pytest.mark.parametrize("key, first, second", [
    ("username", "@Vasya", "vasya"), ("gift_name", " Rose ", "rose"), ("message_contains", "Straße", "STRASSE"), ("gift_name", "", "*")])
def test_values_that_are_compared_alike_are_one_trigger(client, key, first, second):
    for value in (first, second):
        client.post("/triggers/set", event_type="gift", condition_key=key, condition_value=value, action="tts", text_template=value)
    trigger, = client.triggers()
    assert trigger["condition_value"] == second
    client.post("/triggers/delete", event_type="gift", condition_key=key, condition_value=first)
    assert client.triggers() == []


def test_many_who_set_the_same_trigger_at_once_set_one(client):
    def put(number):
        return client.post("/triggers/set", event_type="share", action="tts", text_template=str(number)).status_code
    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(put, range(64))) == {200}
    assert len(client.triggers()) == 1


def test_no_condition_and_always_are_the_same(client):
    client.post("/triggers/set", event_type="follow", action="tts", text_template="a")
    client.post("/triggers/set", event_type="follow", condition_key="always", action="tts", text_template="b")
    trigger, = client.triggers()
    assert trigger["action_params"]["text_template"] == "b"


def test_a_trigger_is_deleted_by_its_event_and_condition(client):
    client.post("/triggers/set", event_type="follow", action="tts", text_template="a")
    assert outcome(client.post("/triggers/delete", event_type="share")) == (404, "Trigger not found")
    assert client.post("/triggers/delete", event_type="follow").json() == {"status": "ok"}
    assert client.triggers() == []
    assert outcome(client.post("/triggers/delete", event_type="follow")) == (404, "Trigger not found")


@pytest.mark.parametrize("fields, wanted", [
    ({"action": "dance"}, (400, "invalid action")),
    ({"action": "play_sound"}, (400, "sound required for play_sound")),
    ({"action": "play_sound", "sound_filename": "none.wav"}, (404, "sound file not found"))])
def test_a_trigger_that_could_not_play_is_refused(client, fields, wanted):
    assert outcome(client.post("/triggers/set", event_type="follow", **fields)) == wanted


def test_meta_tells_what_triggers_may_be_made_of(api):
    assert api.get("/triggers/meta").json() == {
        "status": "ok",
        "event_types": ["chat", "gift", "viewer_join", "viewer_first_message", "follow", "subscribe", "share", "like"],
        "action_types": ["play_sound", "tts"],
        "condition_keys": ["always", "username", "message_contains", "gift_id", "gift_name"]}


# ---- tokens ----

@pytest.mark.parametrize("path, body", [
    ("/profile/get", {}), ("/profile/gift-sound/set", {"gift_name": "a", "sound_file": "b"}), ("/profile/gift-sound/delete", {"gift_name": "a"}),
    ("/profile/viewer-sound/set", {"viewer_username": "a", "sound_file": "b"}), ("/profile/viewer-sound/delete", {"viewer_username": "a"}),
    ("/triggers/set", {"event_type": "follow", "action": "tts"}), ("/triggers/delete", {"event_type": "follow"})])
@pytest.mark.parametrize("token", ["nonsense", NOBODY])
def test_a_bad_token_is_refused(api, path, body, token):
    assert outcome(api.post(path, {"ws_token": token, **body})) == INVALID


@pytest.mark.parametrize("path", ["/profile/sounds/list", "/triggers/list"])
def test_a_bad_token_in_the_path_is_refused(api, path):
    assert outcome(api.get(f"{path}/nonsense")) == INVALID


# ---- /v2/tiktok ----

def test_a_live_is_chosen_and_left_over_http(api, live, sim, user):
    other = f"{user.name}.2"
    wait_for(lambda: api.get("/v2/tiktok/status", token=user.token).json()["connected"], 5, "status")
    assert api.post("/v2/tiktok/connect", {"username": f"@{other.upper()}"}, token=user.token).json() == {
        "success": True, "message": f"connecting to @{other}"}
    live.wait("status", state="connected", tiktok_username=other)
    wait_for(lambda: api.get("/v2/tiktok/status", token=user.token).json() == {"connected": True, "message": "connected to the live"}, 5, "status")
    assert api.post("/v2/tiktok/disconnect", {}, token=user.token).json() == {"success": True, "message": "disconnected"}
    assert api.get("/v2/tiktok/status", token=user.token).json() == {"connected": False, "message": "no live is watched"}


@pytest.mark.parametrize("username", ["", "  ", None])
def test_to_connect_takes_a_name(api, user, username):
    assert outcome(api.post("/v2/tiktok/connect", {"username": username}, token=user.token)) == (400, "Username is required")


def test_an_impossible_name_is_refused(api, user):
    assert outcome(api.post("/v2/tiktok/connect", {"username": "a b"}, token=user.token)) == (400, "invalid username")


def test_who_has_no_socket_watches_nothing(api, user):
    assert api.get("/v2/tiktok/status", token=user.token).json() == {"connected": False, "message": "no live is watched"}
