"""The outside world: sources, exports, notifications, and the one outgoing client."""
