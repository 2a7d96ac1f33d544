"""Slack's limits on what an app sends, as pure functions: payload in, list of violations out.

`messages.py` and `views.py` check whole payloads, `blocks.py` and `elements.py` what is inside, `text.py`
what people read. Nothing here keeps state or talks to anyone, so a surface's unit test can call it too:

    assert check_message({"channel": "C1", "text": "Hello", "blocks": blocks}) == []
"""

from tests.slack.limits.acknowledgements import check_acknowledgement
from tests.slack.limits.blocks import check_blocks
from tests.slack.limits.messages import check_message
from tests.slack.limits.text import check_mrkdwn, check_no_mass_mention
from tests.slack.limits.views import check_view
from tests.slack.limits.violation import Violation, first_error

__all__ = [
    "Violation",
    "check_acknowledgement",
    "check_blocks",
    "check_message",
    "check_mrkdwn",
    "check_no_mass_mention",
    "check_view",
    "first_error",
]
