"""The slash commands: their grammar as data, and the parser that Slack and the terminal share."""
