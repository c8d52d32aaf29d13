# SPDX-License-Identifier: MIT
"""Kills parts of a suite as crashes do, and starts them again."""
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

PARTS = ("license", "auth", "gateway", "nats", "postgres")
INTERVAL_S = (1, 3)
AWAY_S = (0, 0, 0.5, 2)
AWAY_AT_ONCE = 2


class Chaos:
    def __init__(self, suite, seed):
        self.suite = suite
        self.rng = random.Random(f"{seed}/chaos")
        self.away = set()
        self.kills = Counter()

    def run(self, ended):
        """Until ended is set; then everything is there again. Raises what did not start."""
        with ThreadPoolExecutor(AWAY_AT_ONCE) as pool:
            crashes = []
            while not ended.wait(self.rng.uniform(*INTERVAL_S)):
                if len(self.away) < AWAY_AT_ONCE:
                    name = self.rng.choice([part for part in PARTS if part not in self.away])
                    self.away.add(name)
                    crashes.append(pool.submit(self.crash, name, self.rng.choice(AWAY_S)))
        for crash in crashes:
            crash.result()

    def crash(self, name, seconds):
        """A part that has ended by itself is told by the suite at its end; here it is started anyway."""
        self.suite.kill(name)
        self.kills[name] += 1
        time.sleep(seconds)
        self.suite.start_one(name)
        self.away.discard(name)
