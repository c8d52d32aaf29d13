# SPDX-License-Identifier: MIT
"""A short run of the soak, on a suite of its own: `make soak` runs it for longer. It is a program, as the history test is."""
import os
import re
import subprocess

from suite import ROOT

SECONDS = 40
RUN_SECONDS = 300


def test_what_tiktok_delivers_reaches_clients_once_and_in_order_whatever_breaks():
    environment = {**os.environ, "SOAK_SECONDS": str(SECONDS)}
    run = subprocess.run([ROOT / "tests/soak/run"], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         timeout=RUN_SECONDS, check=False)
    print(run.stdout)
    assert run.returncode == 0
    delivered, faults = re.search(r"soak: ([\d,]+) events delivered.* (\d+) faults", run.stdout).groups()
    assert int(delivered.replace(",", "")) > 500 and int(faults) >= 8, "too little happened to prove anything"
