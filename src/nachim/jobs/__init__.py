"""Work that no one waits for: schedules and tasks."""
