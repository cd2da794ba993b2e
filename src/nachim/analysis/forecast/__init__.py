"""What a series will do: mean, intervals that keep their word, sample paths, and whether anybody can know.

    from nachim.analysis.forecast import forecast, history
    made = forecast(history(values, "W"), 13)
    made.mean, made.interval(0.95), made.paths(2000), made.reliable

docs/forecast.md says what is done and what was measured.
"""

from nachim.analysis.forecast.batch import forecast, forecast_many
from nachim.analysis.forecast.refusal import Refusal, SeriesError
from nachim.analysis.forecast.result import Forecast
from nachim.analysis.forecast.series import History, history, regular

__all__ = ["Forecast", "History", "Refusal", "SeriesError", "forecast", "forecast_many", "history", "regular"]
