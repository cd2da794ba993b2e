"""A workspace as files that either database can be filled from: backup, restore, and moving to another database."""
