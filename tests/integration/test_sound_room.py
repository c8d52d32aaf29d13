# SPDX-License-Identifier: MIT
"""Room for sounds: quotas, full disks, users who go, the sweeper, and daemons that share a folder."""
import subprocess
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from media import Media, run_command
from sound_files import wav_of_size
from sounds import BEEP, Sounds, outcome, use_sound
from speech import media_with
from suite import wait_for

TOO_MANY, TOO_MUCH = (409, "too many sounds"), (409, "sounds take too much space")
MAX_SOUNDS, MAX_SPACE = 200, 20971520
RACERS, UPLOADS = 16, 120
STORED = "ttb_sounds_stored_total"


@pytest.fixture
def sounds(suite, api, db):
    sounds = Sounds(suite, api, db)
    yield sounds
    sounds.empty()


# ---- quotas ----

def test_there_is_room_for_so_many_sounds(sounds, user, make_user):
    sounds.fill(user, MAX_SOUNDS - 1)
    assert outcome(sounds.upload(user)) == 200
    assert outcome(sounds.upload(user)) == TOO_MANY
    assert outcome(sounds.upload(make_user())) == 200


def test_there_is_room_for_so_many_bytes(sounds, user):
    size = len(sounds.fetch(sounds.upload(user).json()["url"]).content)
    sounds.fill(user, 1, MAX_SPACE - 2 * size)
    assert outcome(sounds.upload(user)) == 200
    assert outcome(sounds.upload(user)) == TOO_MUCH
    assert len(list(sounds.folder(user).iterdir())) == 2


def test_of_many_uploads_at_once_one_finds_the_last_place(sounds, user):
    sounds.fill(user, MAX_SOUNDS - 1)
    with ThreadPoolExecutor(RACERS) as pool:
        outcomes = list(pool.map(lambda i: outcome(sounds.upload(user, name=f"{i}.wav")), range(RACERS)))
    assert sorted(outcomes, key=str) == [TOO_MANY] * (RACERS - 1) + [200]
    assert len(list(sounds.folder(user).iterdir())) == 1


@pytest.fixture
def full_disk(sounds, db):
    """Puts a disk of 64 KiB in the place of a user's folder, for the time of the test."""
    mounted = []

    def mount(user):
        path = sounds.folder(user)
        path.mkdir(parents=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", path], capture_output=True, check=False)
        if done.returncode != 0:
            pytest.skip("only root can mount a small disk")
        mounted.append(path)

    yield mount
    for path in mounted:
        subprocess.run(["umount", path], timeout=15, check=True)
        db.execute("delete from media.sounds where user_id = %s", (path.name,))


def test_a_full_disk_is_told_and_keeps_nothing(suite, sounds, full_disk, user):
    refused = suite.metric("media", "ttb_sounds_refused_total")
    full_disk(user)
    assert outcome(sounds.upload(user, wav_of_size(90000))) == (507, "Insufficient Storage")
    assert list(sounds.folder(user).iterdir()) == [] and sounds.rows(user) == {}
    assert suite.metric("media", "ttb_sounds_refused_total") == refused + 1
    assert outcome(sounds.upload(user)) == 200


# ---- users who go ----

def delete_account(api, user):
    reply = api.post("/v2/profile/delete", {"confirm": "DELETE", "password": user.password}, token=user.token)
    assert reply.status_code == 200


def owner_is_erased(db, user):
    db.execute("select erased_at is not null from media.owners where user_id = %s", (user.id,))
    row = db.fetchone()
    return row is not None and row[0]


def test_the_sounds_of_a_deleted_user_go_and_nobody_elses(sounds, api, nats, db, make_user):
    user, other = make_user(), make_user()
    urls = [sounds.upload(one).json()["url"] for one in (user, other)]
    assert use_sound(nats, user, str(uuid.uuid4()), "boom.wav") == 200
    delete_account(api, user)
    wait_for(lambda: owner_is_erased(db, user), 15, "erased owner")
    assert not sounds.folder(user).exists() and sounds.rows(user) == {}
    assert [sounds.fetch(url).status_code for url in urls] == [404, 200]


def test_of_a_user_who_is_deleted_while_uploading_nothing_stays(suite, sounds, api, db, make_user):
    for user in [make_user() for _ in range(3)]:
        ended = threading.Event()

        def send(user=user, ended=ended):
            replies = []
            while not ended.is_set() and len(replies) < 150:
                replies.append(outcome(sounds.upload(user)))
            return set(replies)

        with ThreadPoolExecutor(4) as pool:
            senders = [pool.submit(send) for _ in range(4)]
            wait_for(lambda: sounds.rows(user), 10, "first sound")
            delete_account(api, user)
            wait_for(lambda: owner_is_erased(db, user), 45, "erased owner")
            ended.set()
            for sender in senders:
                assert sender.result() <= {200, (401, "user not found"), (401, "invalid token")}
        assert sounds.rows(user) == {}
        run_command(suite, "sweep")
        assert not sounds.folder(user).exists()


# ---- the sweeper ----

def test_the_operators_sweep_removes_what_belongs_to_no_sound(suite, sounds, user):
    url = sounds.upload(user).json()["url"]
    run_command(suite, "sweep")
    (sounds.folder(user) / "orphan.wav").write_bytes(BEEP)
    (sounds.folder(user) / "not ours").write_bytes(BEEP)
    said = run_command(suite, "sweep").splitlines()
    assert said[0] == "removed 1 files without a sound, 0 unfinished uploads and 0 empty folders"
    assert {path.name for path in sounds.folder(user).iterdir()} == {"boom.wav", "not ours"}
    assert sounds.names(user) == ["boom.wav"] and sounds.fetch(url).status_code == 200


def test_the_sweeper_runs_by_itself_and_tells_of_what_is_lost(suite, sounds, user, make_user):
    lost = make_user()
    sounds.upload(user)
    sounds.upload(lost)
    (sounds.folder(user) / "orphan.wav").write_bytes(BEEP)
    (sounds.folder(lost) / "boom.wav").unlink()
    position = suite.log_position("media")
    with media_with(suite, SOUND_SWEEP_S="1"):
        wait_for(lambda: not (sounds.folder(user) / "orphan.wav").exists(), 15, "sweep")
        wait_for(lambda: suite.metric("media", "ttb_sounds_missing") >= 1, 15, "metric of the lost sound")
        assert suite.metric("media", "ttb_sounds_swept_total") >= 1
    lines = [line for line in suite.log_lines("media", position) if line["message"] == "a sound's file is gone"]
    assert lost.id in {line["user_id"] for line in lines}
    assert outcome(sounds.delete(lost)) == 200


# ---- two media daemons ----

def test_two_daemons_share_a_folder(suite, sounds, user):
    """Both sweep all the time, and neither takes what the other is storing."""
    with media_with(suite, SOUND_SWEEP_S="1"), Media(suite, SOUND_SWEEP_S="1") as other:
        with ThreadPoolExecutor(8) as pool:
            assert {outcome(reply) for reply in pool.map(lambda _: sounds.upload(user), range(UPLOADS))} == {200}
        stored = suite.metric("media", STORED), other.metric(STORED)
        assert sum(stored) == UPLOADS and min(stored) > 0
        names = sounds.names(user)
        assert len(names) == UPLOADS and {path.name for path in sounds.folder(user).iterdir()} == set(names)
        for name in names[:20]:
            assert sounds.fetch(sounds.url(user, name)).status_code == 200
            assert sounds.fetch(f"{other.base}/static/sounds/{user.id}/{name}").status_code == 200
        with ThreadPoolExecutor(8) as pool:
            assert {outcome(reply) for reply in pool.map(lambda name: sounds.delete(user, name), names)} == {200}
        wait_for(lambda: not sounds.folder(user).exists(), 15, "sweep of the empty folder")
