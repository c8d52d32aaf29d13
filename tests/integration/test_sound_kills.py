# SPDX-License-Identifier: MIT
"""Media, its audio workers or Postgres are killed in the middle of 1,000 uploads: no sound that was acknowledged is missing, no
row lacks its file, and after a sweep no file lacks its row."""
import os
import random
import signal
import threading
import time

import psycopg2
import pytest
import requests

from media import run_command, workers_of
from sound_files import wav_of_size
from sounds import UPLOAD
from speech import media_with
from suite import wait_for

CLIENTS = 8
LOAD_SECONDS, LEVELLING_SECONDS = 45, 60
PAUSE_S = 0.005
REPLY_SECONDS = 2  # a client gives up then: what a killed daemon had in hand is answered by nobody
OLD_S = 120  # a draft is unfinished for good
WRONG = (400, 401, 403, 404, 409, 413, 422, 500, 507)  # what a kill is no reason for


class Client(threading.Thread):
    """Uploads sounds of sizes that nobody else's have, half of them under one name. Of 8 bits a sample: copies have 16."""

    def __init__(self, suite, user, lengths):
        super().__init__()
        self.suite, self.user, self.lengths = suite, user, lengths
        self.names, self.wrong, self.unanswered = [], [], 0
        self.deadline = time.monotonic() + LOAD_SECONDS

    def run(self):
        with requests.Session() as session:
            for length in self.lengths:
                self.upload(session, length)

    def upload(self, session, length):
        """Until it is acknowledged."""
        name = "boom.wav" if length % 2 else f"{length}.wav"
        while time.monotonic() < self.deadline:
            try:
                reply = session.post(self.suite.env["BASE"] + UPLOAD, files={"file": (name, wav_of_size(length))},
                                     headers={"Authorization": f"Bearer {self.user.token}"}, timeout=REPLY_SECONDS)
            except requests.RequestException:
                self.unanswered += 1
                continue
            if reply.status_code == 200:
                self.names.append(reply.json()["filename"])
                return
            if reply.status_code in WRONG:
                self.wrong.append((reply.status_code, reply.text))
            self.unanswered += 1
            time.sleep(0.05)


def kill_worker(pid):
    """False when there is none: none is there before the first upload."""
    workers = workers_of(pid, "ttb-audio")
    if not workers:
        return False
    try:
        os.kill(random.choice(workers), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def kill(suite, name, clients):
    if name != "worker":
        suite.kill(name)
        suite.start_one(name)
        return
    pid = suite.pid("media")
    while not kill_worker(pid) and are_busy(clients):
        time.sleep(PAUSE_S)


def are_busy(clients):
    return any(client.is_alive() for client in clients)


def kill_while_running(suite, clients, turns, uploads):
    """At odd moments, evenly over the uploads; what was killed, in its order."""
    killed = []
    for i, name in enumerate(turns):
        goal = uploads * (i + random.random()) / (len(turns) + 1)
        while sum(len(client.names) for client in clients) < goal and are_busy(clients):
            time.sleep(PAUSE_S)
        if not are_busy(clients):
            break
        kill(suite, name, clients)
        killed.append(name)
    return killed


def is_levelling(db):
    db.execute("select exists (select from media.sounds where not is_levelled)")
    return db.fetchone()[0]


def rows_of(db, users):
    db.execute("select user_id::text, filename, bytes from media.sounds where user_id = any(%s::uuid[])",
               ([user.id for user in users],))
    return {(user_id, name): size for user_id, name, size in db.fetchall()}


def files_of(folder, users):
    """Names that are served, and drafts apart."""
    paths = [path for user in users for path in (folder / user.id).glob("*")]
    served = {(path.parent.name, path.name): path.stat().st_size for path in paths if not path.name.startswith(".")}
    return served, [path for path in paths if path.name.startswith(".")]


@pytest.fixture
def db_again(suite):
    """Connects anew: the fixture db's connection does not outlive the server."""
    connections = []

    def connect():
        connections.append(psycopg2.connect(suite.env["DATABASE_URL"]))
        connections[-1].autocommit = True
        return connections[-1].cursor()

    yield connect
    for connection in connections:
        connection.close()


@pytest.fixture
def users(make_user):
    return [make_user() for _ in range(CLIENTS)]


@pytest.mark.parametrize("turns, uploads", [(["worker", "worker", "worker", "media"] * 5, 1000), (["postgres"] * 4, 250)])
def test_no_sound_is_lost_and_none_left_over(suite, users, db_again, turns, uploads):
    folder = suite.state / "media/sounds"
    lengths = random.sample(range(1200, 2400 + uploads), uploads)
    clients = [Client(suite, user, lengths[i::CLIENTS]) for i, user in enumerate(users)]
    with media_with(suite, SOUND_SWEEP_S="1"):
        for client in clients:
            client.start()
        killed = kill_while_running(suite, clients, turns, uploads)
        for client in clients:
            client.join()
    acknowledged = {(client.user.id, name) for client in clients for name in client.names}
    print(f"{len(acknowledged)} acknowledged, {sum(client.unanswered for client in clients)} not; killed: {killed}")
    assert not [wrong for client in clients for wrong in client.wrong]
    assert len(acknowledged) == sum(len(client.names) for client in clients), "a name was given twice"
    assert set(killed) == set(turns) and len(acknowledged) > uploads // 10, "fewer where the machine is slow"

    db = db_again()
    wait_for(lambda: not is_levelling(db), LEVELLING_SECONDS, "end of levelling")
    rows = rows_of(db, users)
    files, _ = files_of(folder, users)
    assert acknowledged <= set(rows), "an acknowledged sound has no row"
    assert set(rows) <= set(files), "a row has no file"
    run_command(suite, "sweep")
    files, drafts = files_of(folder, users)
    assert files == rows, "a file has no row, or is not the one that the row tells of"
    assert {status_of(suite, user_id, name) for user_id, name in random.sample(sorted(rows), 50)} == {200}

    for draft in drafts:
        os.utime(draft, (time.time() - OLD_S,) * 2)
    assert f" {len(drafts)} unfinished uploads" in run_command(suite, "sweep")
    assert files_of(folder, users) == (rows, [])


def status_of(suite, user_id, name):
    return requests.get(f"{suite.env['BASE']}/static/sounds/{user_id}/{name}", timeout=15).status_code
