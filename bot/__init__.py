"""The assistant: commands, services, store, and its two faces, Slack and the terminal."""
