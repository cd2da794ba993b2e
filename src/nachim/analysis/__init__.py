"""Statistics over series and tables: pure functions that may abstain."""
