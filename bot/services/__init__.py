"""Use cases: each loads, decides, commits and returns a result. No Slack, no environment, no clock."""
