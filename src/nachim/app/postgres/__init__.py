"""Django's PostgreSQL with SQLite's rule for writers: one transaction at a time."""
