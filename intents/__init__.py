"""Understanding a message: from what a person wrote to an intent with its entities, or a fallback."""
