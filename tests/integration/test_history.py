# SPDX-License-Identifier: MIT
"""A short run of the history test, on a suite of its own: `make history` runs it for longer. It is a program, since the parts of
a suite are children of whoever starts it, and must not meet those of ours.
"""
import os
import re
import subprocess

from suite import ROOT

LOAD_SECONDS = 20
RUN_SECONDS = 400


def test_nothing_is_lost_shared_doubled_or_made_up_when_all_is_killed_at_random():
    environment = {**os.environ, "TTB_HISTORY_SECONDS": str(LOAD_SECONDS)}
    run = subprocess.run([ROOT / "tests/history/run"], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         timeout=RUN_SECONDS, check=False)
    print(run.stdout)
    assert run.returncode == 0
    acknowledged, kills = re.search(r"\(([\d,]+) acknowledged.* (\d+) kills", run.stdout).groups()
    assert int(acknowledged.replace(",", "")) > 50 and int(kills) >= 3, "too little happened to prove anything"
