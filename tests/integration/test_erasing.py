# SPDX-License-Identifier: MIT
"""An account is deleted, and media and events erase what they hold of its user."""
import json
import uuid

import pytest

from suite import wait_for

ERASED = "erased what was held of a user"


@pytest.fixture
def delete(api):
    """Has a user delete the account."""
    def ask(user):
        reply = api.post("/v2/profile/delete", {"confirm": "DELETE", "password": user.password}, token=user.token)
        assert reply.status_code == 200
    return ask


@pytest.fixture
def erased(suite):
    """The lines in which a daemon says what it has erased of a user, as soon as there are so many."""
    def find(daemon, user, count=1):
        def lines():
            found = [line for line in suite.log_lines(daemon) if line["message"] == ERASED and line["user_id"] == user.id]
            return found if len(found) >= count else None
        return wait_for(lines, 45, f"line of {daemon}")  # what a killed daemon had in hand comes again after 30 s
    return find


@pytest.fixture
def hear(connect, sim):
    """Has something said in a user's live; returns the URL of its speech."""
    def listen(user):
        socket = connect(user)
        socket.wait("status", state="connected")
        wait_for(lambda: sim.room(user.name)["enters"], 10, "client in the room")

        def spoken():
            before = socket.count()
            sim.event(user.name, "chat", user="masha", text="to be forgotten")
            return socket.wait("chat", after=before).get("tts_url")

        return wait_for(spoken, 10, "speech")
    return listen


def stored_count(nats, user):
    answers = nats.request("$JS.API.STREAM.INFO.LIVE", json.dumps({"subjects_filter": f"live.{user.id}"}).encode(), 2, 1)
    return json.loads(answers[0][2])["state"].get("subjects", {}).get(f"live.{user.id}", 0)


def count_watches(db, user):
    db.execute("select count(*) from events.watches where user_id = %s", (user.id,))
    return db.fetchone()[0]


def test_media_erases_the_users_speech_and_nobody_elses(suite, api, make_user, hear, delete, erased):
    user, other = make_user(), make_user()
    urls = hear(user), hear(other)
    assert [api.session.get(url, timeout=15).status_code for url in urls] == [200, 200]
    folder = suite.state / "media/tts" / user.id
    files = len(list(folder.iterdir()))
    delete(user)
    assert erased("media", user)[0]["files"] == files
    assert not folder.exists()
    assert [api.session.get(url, timeout=15).status_code for url in urls] == [404, 200]


def test_events_erases_the_users_watch_and_events(make_user, hear, sim, db, nats, delete, erased):
    user = make_user()
    hear(user)
    wait_for(lambda: stored_count(nats, user) > 1, 10, "stored event")
    assert count_watches(db, user) == 1
    delete(user)
    assert erased("events", user)[0]["watches"] == 1
    wait_for(lambda: count_watches(db, user) == 0, 5, "end of the watch")  # the line comes before the commit
    sim.event(user.name, "chat", user="masha", text="nobody is told this")
    assert stored_count(nats, user) == 0


def test_erasing_again_finds_nothing(make_user, db, delete, erased):
    user = make_user()
    delete(user)
    erased("media", user)
    erased("events", user)
    db.execute("insert into auth.outbox (id, what, body) values (%s, 'user_deleted', %s)",
               (str(uuid.uuid4()), json.dumps({"user_id": user.id})))
    assert erased("media", user, 2)[1]["files"] == 0
    assert erased("events", user, 2)[1]["watches"] == 0


@pytest.mark.parametrize("daemon", ["media", "events"])
def test_a_daemon_that_was_away_erases_when_it_is_back(suite, make_user, delete, erased, daemon):
    user = make_user()
    suite.kill(daemon)
    delete(user)
    suite.start_one(daemon)
    erased(daemon, user)
