"""Where imported rows lie: Delta tables, the way in, and the locked-down engine that reads them."""
