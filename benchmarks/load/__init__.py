"""A house under load and its clients, for bench_load.py."""
