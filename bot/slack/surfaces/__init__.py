"""Where Rolecall appears in Slack: results in, payloads out. Pure: no clock, no network, no database."""
