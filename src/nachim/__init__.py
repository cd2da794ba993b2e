"""nachim: a company's goals become a few good KPIs, computed from its own data."""

__version__ = "0.1.0"
