"""From an understood question to its answer: one function an intent, found by the intent's name."""
