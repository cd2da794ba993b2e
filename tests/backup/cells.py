"""What pages show, as one number: every cell of every KPI's series."""

import hashlib

from nachim.app.models import Observation

CELLS = ("series__metric__name", "series__slice_key", "grain", "dim", "part", "period", "value", "numerator",
         "denominator", "n", "state")  # fmt: skip


def digest() -> str:
    cells = sorted(map(repr, Observation.objects.values_list(*CELLS)))
    return hashlib.sha256("\n".join(cells).encode()).hexdigest()[:24] + f"-{len(cells)}"
