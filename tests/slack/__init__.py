"""A local Slack for the tests: see `server.py`, `payloads.py` and `app_process.py`."""
