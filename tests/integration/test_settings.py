# SPDX-License-Identifier: MIT
"""Settings, and what plans allow of them: sections 3 to 5 of the contract."""
import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

GET, UPDATE, ME = "/v2/settings/get", "/v2/settings/update", "/v2/auth/me"
CHANGED = "evt.auth.settings_changed"

DEFAULTS = {
    "voice_id": "ru-RU-SvetlanaNeural", "tts_enabled": True, "gift_sounds_enabled": True, "tts_volume": 100, "gifts_volume": 100,
    "tiktok_username": None, "chat_tts_mode": "all", "chat_tts_prefixes": ".", "chat_tts_min_diamonds": 0,
    "gift_tts_enabled": True, "blocked_words": [], "blocked_users": [], "read_links": False, "max_spoken_chars": 200}
OTHERS = {
    "voice_id": "gtts-en", "tts_enabled": False, "gift_sounds_enabled": False, "tts_volume": 0, "gifts_volume": 42,
    "tiktok_username": "somebody", "chat_tts_mode": "donor", "chat_tts_prefixes": "!?", "chat_tts_min_diamonds": 100000,
    "gift_tts_enabled": False, "blocked_words": ["spam", "куплю"], "blocked_users": ["troll", "Анна К"], "read_links": True,
    "max_spoken_chars": 20}

NO_PLATFORM = (403, "tariff does not allow this platform")
NO_CHANGE = (403, "tariff does not allow changing tiktok account")
LIMIT_REACHED = (403, "tariff tiktok account limit reached")
NO_VOICE = (403, "tariff does not allow this voice")


def outcome(reply):
    return (reply.status_code, reply.json()["detail"]) if reply.status_code >= 400 else reply.status_code


@pytest.fixture
def subscriber(api, make_user, make_key):
    """Makes a user with a plan."""
    def make(plan):
        user = make_user()
        body = {"username": user.name, "password": user.password, "license_key": make_key(plan)}
        assert api.post("/v2/auth/redeem-license", body).status_code == 200
        return user
    return make


@pytest.fixture
def update(api):
    """Changes a user's settings; gives the settings, or what was refused."""
    def send(user, **changes):
        reply = api.post(UPDATE, changes, token=user.token)
        if reply.status_code != 200:
            return outcome(reply)
        assert reply.json()["status"] == "ok"
        return reply.json()["settings"]
    return send


@pytest.fixture
def set_name(update):
    """Sets a TikTok name; gives it as it is then, or what was refused."""
    def send(user, name):
        result = update(user, tiktok_username=name)
        return result["tiktok_username"] if isinstance(result, dict) else result
    return send


# ---- get and update ----

def test_the_defaults(api, user):
    assert api.get(GET, token=user.token).json() == DEFAULTS


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_an_update_changes_what_it_names_and_nothing_else(api, user, update, name):
    changed = update(user, **{name: OTHERS[name]})
    assert changed == {**DEFAULTS, name: OTHERS[name]}
    assert api.get(GET, token=user.token).json() == changed


def test_all_at_once_and_back(api, user, update):
    assert update(user, **OTHERS) == OTHERS
    assert update(user, **dict.fromkeys(OTHERS)) == OTHERS, "null names nothing"
    assert update(user) == OTHERS
    assert update(user, **{**DEFAULTS, "tiktok_username": ""}) == DEFAULTS
    assert api.get(GET, token=user.token).json() == DEFAULTS


def test_settings_belong_to_one_user(api, make_user, update):
    one, other = make_user(), make_user()
    update(one, **OTHERS)
    assert api.get(GET, token=other.token).json() == DEFAULTS


def test_an_unknown_setting_is_ignored(user, update):
    assert update(user, colour="red", role="admin", tts_volume="80") == {**DEFAULTS, "tts_volume": 80}


@pytest.mark.parametrize("name,value,kind", [
    ("tts_volume", -1, "greater_than_equal"), ("tts_volume", 101, "less_than_equal"), ("gifts_volume", 101, "less_than_equal"),
    ("gifts_volume", 0.5, "int_from_float"), ("chat_tts_min_diamonds", 100001, "less_than_equal"),
    ("chat_tts_min_diamonds", -1, "greater_than_equal"), ("max_spoken_chars", 19, "greater_than_equal"),
    ("max_spoken_chars", 501, "less_than_equal"), ("chat_tts_mode", "none", "literal_error"), ("tts_enabled", "perhaps", "bool_parsing"),
    ("voice_id", "", "string_too_short"), ("voice_id", "x" * 129, "string_too_long"), ("voice_id", 5, "string_type"),
    ("blocked_words", "spam", "list_type"), ("blocked_words", ["x"] * 201, "too_long"),
    ("blocked_users", ["x"] * 501, "too_long")])
def test_an_impossible_value(api, user, name, value, kind):
    reply = api.post(UPDATE, {name: value, "read_links": True}, token=user.token)
    assert reply.status_code == 422
    assert [(error["type"], error["loc"]) for error in reply.json()["detail"]] == [(kind, ["body", name])]
    assert api.get(GET, token=user.token).json() == DEFAULTS


def test_an_impossible_word_in_a_list(api, user):
    reply = api.post(UPDATE, {"blocked_words": ["fine", "x" * 65, 5]}, token=user.token)
    assert reply.status_code == 422
    assert [(error["type"], error["loc"]) for error in reply.json()["detail"]] == [
        ("string_too_long", ["body", "blocked_words", 1]), ("string_type", ["body", "blocked_words", 2])]


def test_the_longest_lists(user, update):
    words, users = [f"{i:03}" + "ы" * 61 for i in range(200)], [f"user_{i}" for i in range(500)]
    settings = update(user, blocked_words=words, blocked_users=users)
    assert (settings["blocked_words"], settings["blocked_users"]) == (words, users)


@pytest.mark.parametrize("typed,stored", [
    ("!", "!"), (" ! . ", "!."), ("", "."), ("  \t", "."), ("123456789", "12345678"), ("!\u00a0🌸", "!🌸")])
def test_prefixes(user, update, typed, stored):
    assert update(user, chat_tts_prefixes=typed)["chat_tts_prefixes"] == stored


def test_words_are_trimmed_and_blanks_and_repeats_dropped(user, update):
    typed = [" spam ", "spam", "", "  ", "SPAM", "two  words", "a\u001fb", "\u0001", 'quo"te', "back\\slash", "{,}", "NULL"]
    assert update(user, blocked_words=typed)["blocked_words"] == [
        "spam", "SPAM", "two words", "ab", 'quo"te', "back\\slash", "{,}", "NULL"]
    assert update(user, blocked_words=[" ", "\u001f"])["blocked_words"] == []


def test_users_are_folded_like_usernames(user, update):
    typed = ["@Troll", "troll ", "TROLL", "Анна К", "x", " "]
    assert update(user, blocked_users=typed)["blocked_users"] == ["troll", "Анна К", "x"]


# ---- who ----

def test_settings_need_a_token(api):
    assert outcome(api.get(GET)) == (401, "missing bearer token")
    assert outcome(api.post(UPDATE, {}, token="x")) == (401, "invalid token")


def test_of_a_user_who_is_banned_or_gone(api, user, db):
    db.execute("update auth.users set is_banned = true where id = %s", (user.id,))
    assert outcome(api.get(GET, token=user.token)) == (403, "user banned")
    assert outcome(api.post(UPDATE, {"tiktok_username": "?"}, token=user.token)) == (403, "user banned")
    db.execute("delete from auth.users where id = %s", (user.id,))
    assert outcome(api.get(GET, token=user.token)) == (401, "user not found")
    assert outcome(api.post(UPDATE, {}, token=user.token)) == (401, "user not found")


# ---- TikTok names ----

def names_of(db, user):
    db.execute("select name from auth.tiktok_names where user_id = %s order by name", (user.id,))
    return [name for name, in db.fetchall()]


def test_a_name_is_folded(user, set_name):
    assert set_name(user, "  @Some.Body_ ") == "some.body_"


@pytest.mark.parametrize("typed", [" ", "@", "a", "a b", "имя", "x" * 65])
def test_an_impossible_name(user, set_name, typed):
    assert set_name(user, typed) == (400, "invalid username")


def test_a_free_user_sets_one_name_and_keeps_it(user, set_name, db):
    assert set_name(user, "first_one") == "first_one"
    assert set_name(user, "first_one") == "first_one"
    assert set_name(user, "second_one") == NO_CHANGE
    assert set_name(user, "") is None
    assert set_name(user, "second_one") == NO_CHANGE
    assert set_name(user, "First_One") == "first_one"
    assert names_of(db, user) == ["first_one"]


def test_a_plan_with_three_names_changes_among_them(subscriber, set_name, db):
    user = subscriber("one_mobile")
    for name in ("aa", "bb", "cc", "aa", "bb"):
        assert set_name(user, name) == name
    assert set_name(user, "dd") == LIMIT_REACHED
    assert set_name(user, "") is None
    assert set_name(user, "dd") == LIMIT_REACHED
    assert set_name(user, "cc") == "cc"
    assert names_of(db, user) == ["aa", "bb", "cc"]


def test_a_plan_without_limit(subscriber, set_name):
    user = subscriber("duo")
    for i in range(10):
        assert set_name(user, f"name_{i}") == f"name_{i}"


def test_when_a_plan_ends_the_name_stays(subscriber, set_name, db):
    user = subscriber("pro")
    for name in ("aa", "bb"):
        set_name(user, name)
    db.execute("update auth.entitlements set expires_at = now() where user_id = %s", (user.id,))
    assert set_name(user, "aa") == NO_CHANGE
    assert set_name(user, "bb") == "bb"
    assert set_name(user, "") is None
    assert set_name(user, "aa") == "aa"


def test_using_a_name_again_is_noted(user, set_name, db):
    set_name(user, "somebody")
    db.execute("update auth.tiktok_names set last_used_at = '2020-01-01' where user_id = %s", (user.id,))
    set_name(user, "somebody")
    db.execute("select last_used_at > now() - interval '1 minute' from auth.tiktok_names where user_id = %s", (user.id,))
    assert db.fetchall() == [(True,)]


def race(set_name, user, count):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda i: set_name(user, f"racer_{i}"), range(count)))


@pytest.mark.parametrize("plan,limit,refusal", [(None, 1, NO_CHANGE), ("one_mobile", 3, LIMIT_REACHED)])
def test_updates_that_race_do_not_pass_the_limit(make_user, subscriber, set_name, db, plan, limit, refusal):
    user = subscriber(plan) if plan else make_user()
    results = race(set_name, user, 16)
    assert results.count(refusal) == 16 - limit
    assert names_of(db, user) == sorted(name for name in results if name != refusal)


def test_a_refused_name_changes_nothing_else(user, update, set_name, api):
    set_name(user, "first_one")
    assert update(user, tiktok_username="second_one", tts_volume=5) == NO_CHANGE
    assert api.get(GET, token=user.token).json() == {**DEFAULTS, "tiktok_username": "first_one"}


# ---- platforms and voices ----

@pytest.mark.parametrize("plan,desktop,mobile", [
    (None, 200, 200), ("one_mobile", NO_PLATFORM, 200), ("one_desktop", 200, NO_PLATFORM), ("duo", 200, 200)])
def test_platforms(api, make_user, subscriber, plan, desktop, mobile):
    user = subscriber(plan) if plan else make_user()
    for platform, expected in (("desktop", desktop), ("mobile", mobile), ("windows", desktop), ("m", mobile), ("", mobile)):
        reply = api.post(UPDATE, {"tts_volume": 50}, token=user.token, headers={"X-Client-Platform": platform})
        assert outcome(reply) == expected, platform
        assert outcome(api.post(UPDATE, {}, token=user.token, params={"platform": platform or None})) == expected, platform
    assert outcome(api.get(GET, token=user.token, headers={"X-Client-Platform": "desktop"})) == 200


@pytest.mark.parametrize("plan", ["pro", "duo", "one_mobile"])
def test_a_voice_of_the_speech_server_in_a_plan_that_has_all(subscriber, update, plan):
    assert update(subscriber(plan), voice_id="http:alloy")["voice_id"] == "http:alloy"


def test_a_free_user_has_local_voices(user, update, api):
    assert update(user, voice_id="http:alloy") == NO_VOICE
    for voice in ("gtts-ru", "gtts-ru-slow", "en-US-JennyNeural", "no such voice"):
        assert update(user, voice_id=voice)["voice_id"] == voice
    assert update(user, voice_id="http:alloy", tts_volume=1, tiktok_username="somebody") == NO_VOICE
    assert api.get(GET, token=user.token).json() == {**DEFAULTS, "voice_id": "no such voice"}


def test_a_name_that_came_with_a_refused_voice_does_not_count(user, update, set_name, db):
    assert update(user, voice_id="http:alloy", tiktok_username="first_one") == NO_VOICE
    assert names_of(db, user) == []
    assert set_name(user, "second_one") == "second_one"


def test_what_is_refused_first(api, subscriber, set_name, db):
    """Each with everything after it wrong as well."""
    user = subscriber("one_desktop")
    db.execute("update auth.entitlements set voice_engines = 'local', max_tiktok_accounts = 0 where user_id = %s", (user.id,))
    body = {"tiktok_username": "?", "voice_id": "http:alloy"}

    def send(platform):
        return outcome(api.post(UPDATE, body, token=user.token, headers={"X-Client-Platform": platform}))

    assert send("mobile") == (400, "invalid username")
    body["tiktok_username"] = "somebody"
    assert send("mobile") == NO_PLATFORM
    assert send("desktop") == LIMIT_REACHED
    db.execute("update auth.entitlements set max_tiktok_accounts = 1 where user_id = %s", (user.id,))
    assert send("desktop") == NO_VOICE


# ---- for the events service ----

# Whose live it is, and how loud the client plays it, decides nothing of what is heard.
OF_NO_LIVE = ("tts_volume", "gifts_volume", "tiktok_username")


@pytest.fixture
def live_settings(nats):
    """What the events service is told of a user: (status, reply)."""
    def ask(user_id):
        (_, headers, body), = nats.request("rpc.auth.live_settings", json.dumps({"user_id": user_id}).encode(), seconds=5, most=1)
        status = next((int(line.split(":")[1]) for line in headers.splitlines() if line.startswith("Ttb-Status:")), 200)
        return status, json.loads(body)
    return ask


def heard(settings):
    return {name: value for name, value in settings.items() if name not in OF_NO_LIVE}


def test_events_is_told_all_that_decides_what_is_heard(live_settings, user, update):
    assert live_settings(user.id) == (200, heard(DEFAULTS))
    update(user, **OTHERS)
    assert live_settings(user.id) == (200, heard(OTHERS))


def test_events_is_told_the_longest_lists(live_settings, user, update):
    words, users = [f"{i:03}" + "ы" * 61 for i in range(200)], [f"{i:03}" + "ы" * 125 for i in range(500)]
    update(user, blocked_words=words, blocked_users=users)
    assert live_settings(user.id) == (200, {**heard(DEFAULTS), "blocked_words": words, "blocked_users": users})


def test_events_is_told_of_no_settings_where_there_is_no_user(live_settings):
    assert live_settings(str(uuid.uuid4())) == (404, {"detail": "user not found"})


def test_a_voice_is_heard_for_as_long_as_the_plan_has_it(live_settings, subscriber, update, db):
    user = subscriber("pro")
    update(user, voice_id="http:alloy")
    assert live_settings(user.id)[1]["voice_id"] == "http:alloy"
    db.execute("update auth.entitlements set expires_at = now() where user_id = %s", (user.id,))
    assert live_settings(user.id)[1]["voice_id"] == DEFAULTS["voice_id"]


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_each_change_is_told(events, user, update, name):
    update(user, **{name: OTHERS[name]})
    assert events.wait(CHANGED, user_id=user.id) == {"user_id": user.id}


def test_a_refused_change_is_not_told(events, user, update, make_user):
    assert update(user, voice_id="http:alloy", tts_volume=1) == NO_VOICE
    other = make_user()
    update(other, tts_volume=1)
    assert events.wait(CHANGED, user_id=other.id), "what came before it has come"
    assert events.wait(CHANGED, seconds=0.1, user_id=user.id) is None


def test_what_old_clients_set_is_told(events, api, make_key):
    account = api.post("/auth/login", {"license_key": make_key("pro")}).json()
    user_id, token = account["user_id"], account["ws_token"]
    assert events.wait(CHANGED, user_id=user_id), "the plan"
    assert api.post("/auth/set-voice", {"ws_token": token, "voice_id": "gtts-en"}).status_code == 200
    assert events.wait(CHANGED, user_id=user_id), "the voice"
    assert api.post("/auth/set-tiktok", {"ws_token": token, "tiktok_username": "somebody"}).status_code == 200
    assert events.wait(CHANGED, user_id=user_id), "the name"


def test_a_plan_that_changes_is_told(events, api, admin, user, make_key, live_settings, update):
    key = make_key("pro")
    api.post("/v2/auth/upgrade-license", {"license_key": key}, token=user.token)
    assert events.wait(CHANGED, user_id=user.id), "a better plan"
    update(user, voice_id="http:alloy")
    assert events.wait(CHANGED, user_id=user.id)
    api.post("/v2/license/revoke", {"key": key}, headers=admin)
    assert events.wait(CHANGED, user_id=user.id), "through the license service's outbox and auth's inbox"
    assert live_settings(user.id)[1]["voice_id"] == DEFAULTS["voice_id"]
