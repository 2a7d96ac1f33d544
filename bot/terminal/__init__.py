"""The terminal: results as text."""
