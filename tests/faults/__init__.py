"""Things break in the midst: NACHIM_FAULT_ROUNDS rounds of each (two, where it is not set)."""

import os

ROUNDS = int(os.environ.get("NACHIM_FAULT_ROUNDS", "2"))
