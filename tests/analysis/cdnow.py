"""The purchases of CDNOW (../shared/data) and which customers the published parameters are of."""

import base64
import zlib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "cdnow" / "CDNOW_master.txt"
CUT, END = date(1997, 9, 30), date(1998, 6, 30)  # the ends of weeks 39 and 78


def purchases():
    """Customer, day and value, one row a purchase."""
    frame = pd.read_csv(FILE, sep=r"\s+", skiprows=1, header=None, names=["customer", "day", "units", "value"])
    days = pd.to_datetime(frame.day, format="%Y%m%d").to_numpy("datetime64[D]")
    return frame.customer.to_numpy(), days, frame.value.to_numpy(float)


def sample():
    """The 2,357 customers of the published tenth, written as the steps between their numbers in the master file.

    The sample follows no rule that can be computed (the steps run from 1 to 31), so it is kept here.
    """
    packed = (Path(__file__).parent / "cdnow_sample.txt").read_text()
    return np.cumsum(np.frombuffer(zlib.decompress(base64.b64decode(packed)), np.uint8).astype(int))
