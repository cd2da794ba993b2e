"""Pure rules: periods, numbers, targets, status. No I/O, no clock, no framework."""
