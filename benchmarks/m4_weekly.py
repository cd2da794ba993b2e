"""The weekly series of the M4 competition, and how forecasts of it are scored (see docs/forecast.md)."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "m4_weekly"
STEPS = 13


def load() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """(training, test) by name of series."""
    return _read(FOLDER / "Weekly-train.csv"), _read(FOLDER / "Weekly-test.csv")


def _read(path: Path) -> dict[str, np.ndarray]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    return {row[0]: np.array([float(cell) for cell in row[1:] if cell]) for row in rows}


def scale(train: np.ndarray) -> float:
    """The denominator of MASE and MSIS: the mean change from one week to the next (season 1, as in the competition)."""
    return float(np.abs(np.diff(train)).mean())


def points(actual: np.ndarray, mean: np.ndarray, scales: np.ndarray) -> tuple[float, float]:
    """(sMAPE in percent, MASE) of (series, steps)."""
    off = np.abs(actual - mean)
    smape = 200 * (off / (np.abs(actual) + np.abs(mean))).mean()
    return float(smape), float((off.mean(axis=1) / scales).mean())


def msis(actual: np.ndarray, low: np.ndarray, high: np.ndarray, scales: np.ndarray) -> float:
    """Mean scaled interval score at 95 % (Gneiting and Raftery 2007; Makridakis et al. 2020)."""
    miss = 2 / 0.05 * (np.maximum(low - actual, 0) + np.maximum(actual - high, 0))
    return float(((high - low + miss).mean(axis=1) / scales).mean())


def coverage(actual: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[float]:
    """The share inside by third of the horizon, then of all."""
    inside = (actual >= low) & (actual <= high)
    thirds = np.array_split(np.arange(actual.shape[1]), 3)
    return [round(float(inside[:, third].mean()), 3) for third in thirds] + [round(float(inside.mean()), 3)]
