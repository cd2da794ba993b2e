"""The metric language: spec → bind → plan → rewrite → SQL → cells."""
