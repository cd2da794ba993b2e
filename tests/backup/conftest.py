from tests.house import house  # noqa: F401  (a fixture)
