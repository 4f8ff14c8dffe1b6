"""Which model, its equations, and what changes."""
