"""The API under /api/: what the pages do, for programs. It calls the same actions and queries; no rule is here."""
