# SPDX-License-Identifier: MIT
"""The soak's checker finds what it is there for: each test breaks a good run in one way."""
import sys

from test_history_checker import ROOT

sys.path.insert(0, str(ROOT / "tests/soak"))
