"""A local Slack for the tests, with which the real app is driven over the wire.

    def test_a_mention_is_answered(slack_server, start_app, tmp_path):
        app = start_app({"ROLECALL_DB": str(tmp_path / "rolecall.db")})
        slack_server.deliver_http(app.events_url, payloads.app_mention("who owns data prep?"))
        [answer] = slack_server.wait_for_messages(ids.CHANNEL)

- `server.py`: the server; `inspection.py`: what tests see of it and wait for.
- `payloads.py`: what Slack delivers. `delivery.py` signs it, `socket_mode.py` sends it over a socket.
- `web_api.py` answers the app's calls over the state in `workspace.py`.
- `limits/`: the rules that every outgoing payload is checked against.
- `app_process.py`, `fixtures.py`: the app in a process of its own.
- `sample_app.py`: a small Bolt app that proves all this in `tests/test_slack_server/`.
"""
