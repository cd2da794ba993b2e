"""Simulated companies with planted truths."""
