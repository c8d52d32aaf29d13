# SPDX-License-Identifier: MIT
"""A few hundred odd texts, on a suite of their own: `make odd-texts` sends 100,000."""
import os
import re
import subprocess

from suite import ROOT

TEXTS = 400
RUN_SECONDS = 300


def test_every_odd_text_is_answered_and_no_daemon_dies():
    environment = {**os.environ, "TTB_ODD_TEXTS": str(TEXTS)}
    run = subprocess.run([ROOT / "tests/odd_texts/run"], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         timeout=RUN_SECONDS, check=False)
    print(run.stdout)
    assert run.returncode == 0
    spoken = int(re.search(r"\(200, 200\): (\d+)", run.stdout)[1])
    assert spoken > TEXTS / 2, "too little was spoken to prove anything"
