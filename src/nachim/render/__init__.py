"""How numbers look: formats, sparklines, charts."""
