"""The database: an interface, its SQLite side, and the migrations of its schema."""
