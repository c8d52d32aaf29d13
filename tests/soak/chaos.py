# SPDX-License-Identifier: MIT
"""What goes wrong, at random: TikTok drops, stalls and refuses; daemons and servers stop, crash and come back."""
import random
import time
from collections import Counter

PAUSE_S = (1, 4)
AWAY_S = (0, 0, 1, 4)
DAEMONS = ("gateway", "auth", "license", "media", "events", "events-2")
SERVERS = ("nats", "postgres")
# A replica that dies is missed for so long; another that dies meanwhile would leave all its lives to the one that never does.
EVENTS_APART_S = 15


class Chaos:
    def __init__(self, suite, sim, names, seed, with_servers):
        """suite: has start_one, stop_one and kill, also for events-2."""
        self.suite, self.sim, self.names = suite, sim, names
        self.seed = seed
        self.parts = DAEMONS + (SERVERS if with_servers else ())
        self.faults = Counter()
        self.events_at = 0.0

    def disturb_tiktok(self, ended):
        """Until ended is set; then the sign server is well again."""
        rng = random.Random(f"{self.seed}/tiktok")
        while not ended.wait(rng.uniform(*PAUSE_S)):
            rng.choice((self.drop, self.stall, self.refuse))(rng.choice(self.names), rng)
        self.sim.sign("ok")

    def restart_parts(self, ended):
        """Until ended is set; then everything is there again. Raises what did not start."""
        rng = random.Random(f"{self.seed}/parts")
        while not ended.wait(rng.uniform(*PAUSE_S)):
            self.restart(rng.choice(self.parts), rng)

    def drop(self, name, _):
        self.faults["drop"] += 1
        self.sim.drop(name)

    def stall(self, name, rng):
        """The connection falls silent, until it is taken for dead and made anew."""
        self.faults["stall"] += 1
        self.sim.call(f"rooms/{name}/stall", {"seconds": rng.choice((1, 3, 30))})

    def refuse(self, name, _):
        self.faults["429"] += 1
        self.sim.call("sign", {"mode": "429_retry_after", "times": 1, "seconds": 1})
        self.sim.drop(name)

    def restart(self, part, rng):
        if part.startswith("events"):
            if time.monotonic() - self.events_at < EVENTS_APART_S:
                return
            self.events_at = time.monotonic()
        end = rng.choice((self.suite.stop_one, self.suite.kill))
        self.faults[f"{part} {'KILL' if end == self.suite.kill else 'TERM'}"] += 1
        end(part)
        time.sleep(rng.choice(AWAY_S))
        self.suite.start_one(part)
