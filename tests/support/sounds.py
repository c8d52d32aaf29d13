# SPDX-License-Identifier: MIT
"""What the tests of sounds have in common."""
import json
import re

from sound_files import wav_of_samples
from suite import wait_for

UPLOAD, LIST, DELETE = "/v2/sounds/upload", "/v2/sounds/list", "/v2/sounds/delete"
TIMEOUT_S = 15
SETTLE_S = 60
BEEP = wav_of_samples(800)  # a tenth of a second


def outcome(reply):
    return (reply.status_code, reply.json()["detail"]) if reply.status_code >= 400 else reply.status_code


def use_sound(nats, user, trigger, filename):
    """As events tells that a trigger plays a sound: the status."""
    body = json.dumps({"user_id": user.id, "trigger_id": trigger, "filename": filename})
    (_, headers, payload), = nats.request("rpc.media.use_sound", body.encode(), seconds=10, most=1)
    status = re.search(r"Ttb-Status: ?(\d+)", headers)
    return (int(status[1]), json.loads(payload)["detail"]) if status else 200


class Sounds:
    """A user's sounds, as clients, the database and the disk know them."""

    def __init__(self, suite, api, db):
        self.suite, self.api, self.db = suite, api, db

    def upload(self, user, data=BEEP, name="boom.wav"):
        return self.api.post(UPLOAD, files={"file": (name, data)}, token=user.token)

    def delete(self, user, name="boom.wav"):
        return self.api.post(DELETE, {"filename": name}, token=user.token)

    def names(self, user):
        return [sound["filename"] for sound in self.api.get(LIST, token=user.token).json()["sounds"]]

    def url(self, user, name="boom.wav"):
        return f"{self.suite.env['BASE']}/static/sounds/{user.id}/{name}"

    def fetch(self, url, **options):
        return self.api.session.get(url, timeout=TIMEOUT_S, **options)

    def folder(self, user):
        return self.suite.state / "media/sounds" / user.id

    def rows(self, user):
        """name → (format, bytes, duration_ms, loudness_lufs, peak_dbtp, gain_db)."""
        self.db.execute("select filename, format, bytes, duration_ms, loudness_lufs, peak_dbtp, gain_db from media.sounds "
                        "where user_id = %s", (user.id,))
        return {name: tuple(rest) for name, *rest in self.db.fetchall()}

    def settle(self, user):
        """Waits until all of the user's sounds are levelled, which comes after the answer where others are uploaded, too."""
        def is_settled():
            self.db.execute("select count(*) from media.sounds where user_id = %s and not is_levelled", (user.id,))
            return self.db.fetchone()[0] == 0
        wait_for(is_settled, SETTLE_S, "levelled sounds")

    def fill(self, user, count, size=1):
        """Adds rows that have no file; empty takes them away."""
        self.db.execute("insert into media.owners (user_id) values (%s) on conflict do nothing", (user.id,))
        self.db.execute("insert into media.sounds (user_id, filename, bytes, duration_ms, format, gain_db) "
                        "select %s, 'filler' || n, %s, 1, 'wav', 0 from generate_series(1, %s) as n", (user.id, size, count))

    def empty(self):
        self.db.execute("delete from media.sounds where filename like 'filler%'")
