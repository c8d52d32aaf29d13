# SPDX-License-Identifier: MIT
"""Triggers: their endpoints, and what of a live they play. Sections 3 and 7 of the contract; the rules themselves are
tests/unit/services/events/domain/reaction_rows.h."""
import time
import uuid

import pytest

from sounds import Sounds, outcome
from suite import wait_for

SET, LIST, UPDATE, DELETE = "/v2/triggers/set", "/v2/triggers/list", "/v2/triggers/update", "/v2/triggers/delete"
SWITCH, TEST = "/v2/triggers/update-enabled", "/v2/triggers/test"
NOBODY = str(uuid.UUID(int=1))
ROSE = {"gift_id": 5655, "name": "Rose", "diamonds": 1}


class Triggers:
    """A user's triggers, and the live in which they fire."""

    def __init__(self, api, sim, user):
        self.api, self.sim, self.user = api, sim, user

    def post(self, path, **body):
        return self.api.post(path, body, token=self.user.token)

    def set(self, event_type="follow", **fields):
        """The id of a new trigger, which speaks unless something else is said."""
        fields = {"event_type": event_type, "action": "tts", **fields}
        return self.post(SET, **fields).json()["id"]

    def all(self):
        return self.api.get(LIST, token=self.user.token).json()["triggers"]

    def names(self):
        return [trigger["trigger_name"] for trigger in self.all()]


@pytest.fixture
def triggers(api, sim, user):
    return Triggers(api, sim, user)


@pytest.fixture
def sounds(suite, api, db):
    return Sounds(suite, api, db)


@pytest.fixture
def heard(live, triggers, sim, user):
    """The socket of a quiet live, once the user's profile is known there: a trigger of the test's own says so."""
    sim.set_room(user.name, rate=0)
    marker = triggers.set("share", text_template="раз")

    def fires():
        position = live.count()
        sim.event(user.name, "share", user="prober", count=1)
        return "tts_url" in live.wait("share", after=position)
    wait_for(fires, 10, "a trigger that fires")
    triggers.post(DELETE, id=marker)
    return live


def happens(live, sim, user, kind, event=None, /, **fields):
    """The event that the client is told of."""
    position = live.count()
    sim.event(user.name, kind, **{"user": "masha", **fields})
    return live.wait(event or kind, after=position)


# ---- endpoints ----

def test_a_trigger_is_listed_as_it_was_set(triggers):
    trigger = triggers.set("gift", condition_key="gift_name", condition_value="Rose", priority=3, trigger_name="розы", combo_count=5,
                           text_template="{user}!", cooldown_seconds=7, user_cooldown_seconds=8, once_per_stream=True, min_diamonds=9)
    assert triggers.all() == [{
        "id": trigger, "event_type": "gift", "condition_key": "gift_name", "condition_value": "Rose", "enabled": True, "priority": 3,
        "action": "tts", "executed_count": 0, "trigger_name": "розы", "combo_count": 5,
        "action_params": {"text_template": "{user}!", "cooldown_seconds": 7, "user_cooldown_seconds": 8,
                          "once_per_stream": True, "min_diamonds": 9}}]


def test_the_highest_priority_comes_first_then_the_oldest(triggers):
    for name, priority in (("a", 0), ("b", 5), ("c", 0), ("d", -1), ("e", 5)):
        triggers.set(trigger_name=name, priority=priority)
    assert triggers.names() == ["b", "e", "a", "c", "d"]


@pytest.mark.parametrize("fields, wanted", [
    ({"action": "dance"}, (400, "invalid action")),
    ({"action": "play_sound"}, (400, "sound required for play_sound")),
    ({"action": "play_sound", "sound_filename": " "}, (400, "sound required for play_sound")),
    ({"action": "play_sound", "sound_filename": "none.mp3"}, (404, "sound file not found"))])
def test_a_trigger_that_could_not_play_is_refused(triggers, fields, wanted):
    assert outcome(triggers.post(SET, event_type="follow", **fields)) == wanted
    assert triggers.all() == []


@pytest.mark.parametrize("fields", [
    {"event_type": "party"}, {"condition_key": "colour"}, {"combo_count": -1}, {"cooldown_seconds": 86401}, {"text_template": "x" * 501},
    {"priority": "high"}])
def test_a_field_of_the_wrong_form_is_422(triggers, fields):
    assert triggers.post(SET, **{"event_type": "follow", "action": "tts", **fields}).status_code == 422
    assert triggers.all() == []


def test_a_user_may_have_200_triggers(triggers, db):
    db.execute("""insert into events.triggers (id, user_id, event_type, enabled, priority, action, combo_count, cooldown_seconds,
                    user_cooldown_seconds, once_per_stream, min_diamonds)
                  select gen_random_uuid(), %s, 'follow', false, 0, 'tts', 0, 0, 0, false, 0 from generate_series(1, 199)""",
               (triggers.user.id,))
    triggers.set()
    assert outcome(triggers.post(SET, event_type="follow", action="tts")) == (409, "too many triggers")


def test_a_change_leaves_what_it_does_not_name(triggers):
    trigger = triggers.set("gift", condition_key="gift_name", condition_value="Rose", text_template="ура", cooldown_seconds=5)
    before = triggers.all()[0]
    assert triggers.post(UPDATE, id=trigger, priority=9).json() == {"status": "ok", "id": trigger}
    assert triggers.all() == [{**before, "priority": 9}]
    triggers.post(UPDATE, id=trigger, condition_key="", cooldown_seconds=0, event_type="follow")
    after = triggers.all()[0]
    assert (after["event_type"], after["condition_key"], after["condition_value"]) == ("follow", None, None)
    assert after["action_params"]["cooldown_seconds"] == 0 and after["action_params"]["text_template"] == "ура"


def test_a_change_is_checked_as_a_whole(triggers):
    trigger = triggers.set()
    assert outcome(triggers.post(UPDATE, id=trigger, action="play_sound")) == (400, "sound required for play_sound")
    assert outcome(triggers.post(UPDATE, id=trigger, action="dance")) == (400, "invalid action")
    assert outcome(triggers.post(UPDATE, id=trigger, sound_filename="")) == (400, "sound_filename cannot be empty")
    assert outcome(triggers.post(UPDATE, id=trigger, action="play_sound", sound_filename="none.mp3")) == (404, "sound file not found")
    assert triggers.all()[0]["action"] == "tts"


def test_a_trigger_is_switched_off_and_on(triggers):
    trigger = triggers.set()
    assert triggers.post(SWITCH, id=trigger, enabled=False).json() == {"status": "ok", "id": trigger, "enabled": False}
    assert not triggers.all()[0]["enabled"]
    triggers.post(SWITCH, id=trigger, enabled=True)
    assert triggers.all()[0]["enabled"]


@pytest.mark.parametrize("path, fields", [(UPDATE, {"priority": 1}), (SWITCH, {"enabled": True}), (DELETE, {}), (TEST, {})])
@pytest.mark.parametrize("trigger", [NOBODY, "no uuid"])
def test_a_trigger_that_is_not_there_is_404(triggers, path, fields, trigger):
    assert outcome(triggers.post(path, id=trigger, **fields)) == (404, "not found")


@pytest.mark.parametrize("path, fields", [(UPDATE, {"priority": 1}), (SWITCH, {"enabled": False}), (DELETE, {}), (TEST, {})])
def test_another_user_s_trigger_is_404(api, sim, make_user, triggers, path, fields):
    trigger = triggers.set()
    other = Triggers(api, sim, make_user())
    assert outcome(other.post(path, id=trigger, **fields)) == (404, "not found")
    assert triggers.all()[0]["enabled"] and other.all() == []


def test_a_deleted_trigger_is_gone(triggers):
    triggers.set(trigger_name="a")
    trigger = triggers.set(trigger_name="b")
    assert triggers.post(DELETE, id=trigger).json() == {"status": "ok"}
    assert triggers.names() == ["a"]


# ---- sounds in use ----

def test_a_sound_in_use_is_not_deleted(triggers, sounds, user):
    sounds.upload(user)
    trigger = triggers.set(action="play_sound", sound_filename="boom.wav")
    assert outcome(sounds.delete(user)) == (409, "sound is used by a trigger")
    triggers.post(DELETE, id=trigger)
    assert outcome(sounds.delete(user)) == 200


def test_a_trigger_that_takes_another_sound_lets_go_of_the_first(triggers, sounds, user):
    sounds.upload(user)
    sounds.upload(user, name="bang.wav")
    trigger = triggers.set(action="play_sound", sound_filename="boom.wav")
    triggers.post(UPDATE, id=trigger, sound_filename="bang.wav")
    assert outcome(sounds.delete(user)) == 200
    assert outcome(sounds.delete(user, "bang.wav")) == (409, "sound is used by a trigger")
    triggers.post(UPDATE, id=trigger, action="tts")
    assert outcome(sounds.delete(user, "bang.wav")) == 200


def test_a_change_that_fails_keeps_the_sound_that_is_used(triggers, sounds, user):
    sounds.upload(user)
    trigger = triggers.set(action="play_sound", sound_filename="boom.wav")
    assert outcome(triggers.post(UPDATE, id=trigger, sound_filename="none.wav")) == (404, "sound file not found")
    assert outcome(sounds.delete(user)) == (409, "sound is used by a trigger")


def test_what_a_crash_left_between_the_services_is_settled(triggers, sounds, user, db):
    """A claim of a trigger that was never written, for which media keeps a sound: as when events dies between the two."""
    sounds.upload(user)
    lost = str(uuid.uuid4())
    db.execute("insert into media.sound_uses (user_id, trigger_id, filename) values (%s, %s, 'boom.wav')", (user.id, lost))
    db.execute("insert into events.sound_claims (user_id, trigger_id, made_at) values (%s, %s, now() - interval '2 minutes')", (user.id, lost))
    wait_for(lambda: outcome(sounds.delete(user)) == 200, 100, "a sound that nothing uses")
    db.execute("select count(*) from events.sound_claims where trigger_id = %s", (lost,))
    assert db.fetchone() == (0,)


# ---- in a live ----

def test_a_trigger_plays_its_sound(api, heard, triggers, sounds, sim, user):
    sounds.upload(user)
    triggers.set(action="play_sound", sound_filename="boom.wav")
    wait_for(lambda: happens(heard, sim, user, "follow").get("sound_url") == sounds.url(user), 5, "a sound")


def test_a_trigger_says_its_words(heard, triggers, sim, user, api):
    triggers.set("viewer_join", text_template="Здравствуй, {user}")
    def says():
        return happens(heard, sim, user, "join", "viewer_join", nickname="Маша").get("tts_url")
    url = wait_for(says, 5, "speech")
    assert url.startswith(f"{api.base}/static/tts/{user.id}/")


def test_a_trigger_works_from_the_moment_it_is_set(heard, triggers, sim, user):
    """Each change is heard within a second, though profiles are loaded again only every half minute."""
    trigger = triggers.set(text_template="ура")
    wait_for(lambda: "tts_url" in happens(heard, sim, user, "follow"), 3, "speech")
    triggers.post(SWITCH, id=trigger, enabled=False)
    wait_for(lambda: "tts_url" not in happens(heard, sim, user, "follow"), 3, "silence")


def test_settings_work_from_the_moment_they_are_set(api, heard, sim, user):
    def speaks(text):
        return "tts_url" in happens(heard, sim, user, "chat", text=text)
    wait_for(lambda: speaks("раз"), 5, "speech")
    api.post("/v2/settings/update", {"chat_tts_mode": "prefix", "chat_tts_prefixes": "!"}, token=user.token)
    wait_for(lambda: not speaks("два"), 3, "silence")
    assert speaks("!три")
    api.post("/v2/settings/update", {"chat_tts_mode": "all", "blocked_users": ["@Masha"]}, token=user.token)
    wait_for(lambda: not speaks("!четыре"), 3, "silence")
    assert "tts_url" in happens(heard, sim, user, "chat", user="ivan", text="пять")


def test_firings_are_counted(heard, triggers, sim, user):
    trigger = triggers.set(text_template="ура, {username}", trigger_name="counted")
    wait_for(lambda: "tts_url" in happens(heard, sim, user, "follow"), 3, "speech")
    for number in range(3):
        happens(heard, sim, user, "follow", user=f"viewer.{number}")

    def count():
        return next(one["executed_count"] for one in triggers.all() if one["id"] == trigger)
    wait_for(lambda: count() >= 4, 5, "four firings")


def test_a_streak_fires_once_when_it_ends(heard, triggers, sounds, sim, user):
    sounds.upload(user)
    triggers.set("gift", action="play_sound", sound_filename="boom.wav", combo_count=3)
    wait_for(lambda: "sound_url" in happens(heard, sim, user, "gift", **ROSE, gift_type=2, count=3), 5, "a sound")
    position = heard.count()
    for count in (1, 2, 3):
        sim.event(user.name, "gift", user="masha", **ROSE, gift_type=1, count=count, streak=True)
    sim.event(user.name, "gift", user="masha", **ROSE, gift_type=1, count=3, streak=False)
    final = heard.wait("gift", after=position, streak={"id": heard.wait("gift", after=position)["streak"]["id"], "final": True})
    assert final["sound_url"] == sounds.url(user) and final["count"] == 3
    assert sum("sound_url" in gift for gift in heard.frames[position:] if gift["type"] == "gift") == 1


def test_a_gift_is_spoken_of(heard, sim, user):
    assert "tts_url" in happens(heard, sim, user, "gift", **ROSE, gift_type=2, count=2)


def test_the_first_message_of_a_viewer_is_an_event_of_its_own(heard, triggers, sim, user):
    triggers.set("viewer_first_message", text_template="Впервые: {user}")
    trigger = triggers.set(text_template="ура")
    wait_for(lambda: "tts_url" in happens(heard, sim, user, "follow"), 3, "speech")
    triggers.post(DELETE, id=trigger)
    first = happens(heard, sim, user, "chat", "viewer_first_message", user="newcomer", text="всем привет")
    assert first["username"] == "newcomer" and "tts_url" in first
    happens(heard, sim, user, "chat", user="newcomer", text="ещё раз")
    assert len(heard.all("viewer_first_message")) == 1


def test_a_cooldown_outlives_the_events_daemon(suite, heard, triggers, sim, user):
    trigger = triggers.set(text_template="ура", once_per_stream=True)
    wait_for(lambda: "tts_url" in happens(heard, sim, user, "follow"), 3, "speech")
    time.sleep(0.5)  # what is remembered is written down within 50 ms
    suite.stop_one("events")
    suite.start_one("events")
    marker = triggers.set("share", text_template="раз")

    def shares():
        position = heard.count()
        sim.event(user.name, "share", user="prober", count=1)
        try:
            return "tts_url" in heard.wait("share", 1, after=position)
        except AssertionError:
            return False
    wait_for(shares, 20, "the profile in the new daemon")
    assert "tts_url" not in happens(heard, sim, user, "follow")
    triggers.post(DELETE, id=trigger)
    triggers.post(DELETE, id=marker)


# ---- trying out ----

def test_a_trigger_is_tried_out(api, heard, triggers, sounds, sim, user):
    sounds.upload(user)
    trigger = triggers.set("gift", action="play_sound", sound_filename="boom.wav", condition_key="gift_name", condition_value="Lion",
                           min_diamonds=1000, once_per_stream=True)
    for _ in range(2):
        position = heard.count()
        assert triggers.post(TEST, id=trigger).json() == {"status": "ok"}
        gift = heard.wait("gift", after=position)
        assert (gift["test"], gift["sound_url"], gift["diamonds"]) == (True, sounds.url(user), 1000)
        assert gift["gift_name"].lower() == "lion"
    assert triggers.all()[0]["executed_count"] == 0


def test_an_event_is_tried_out(heard, triggers):
    triggers.set("viewer_join", text_template="привет", condition_key="username", condition_value="masha")
    for username, speaks in (("masha", True), ("ivan", False)):
        position = heard.count()
        triggers.post(TEST, event={"type": "viewer_join", "username": username})
        event = heard.wait("viewer_join", after=position)
        assert (event["test"], event["username"], "tts_url" in event) == (True, username, speaks)


@pytest.mark.parametrize("kind", ["chat", "gift", "viewer_join", "viewer_first_message", "follow", "subscribe", "share", "like"])
def test_each_kind_of_event_can_be_tried_out(heard, triggers, kind):
    position = heard.count()
    triggers.post(TEST, event={"type": kind})
    assert heard.wait(kind, after=position)["test"] is True


def test_to_try_out_nothing_is_refused(triggers):
    assert outcome(triggers.post(TEST)) == (400, "id or event required")
