"""Slack: listeners take what is delivered, surfaces turn results into blocks. Nothing else speaks Slack."""
