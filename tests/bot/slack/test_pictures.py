"""The picture of a history: sent beside the words where that is possible, and never in their way."""

from __future__ import annotations

import pytest

from bot.slack.app import granted
from bot.slack.pictures import DIRECT, HERE, LOST
from tests.bot.slack.conftest import WHOLE, Run, Running
from tests.bot.slack.test_whole_program import begin, ephemeral
from tests.slack import ids, payloads
from tests.slack.server import SlackServer

DIRECT_CHANNEL = ids.direct_channel(ids.ANA)
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def may_upload(slack_server: SlackServer) -> None:
    pytest.importorskip("matplotlib")
    slack_server.workspace.scopes.add("files:write")


def uploads(running: Running, count: int = 1) -> None:
    running.slack.wait_until(lambda: len(running.slack.uploads()) >= count, 20, "upload")


@pytest.mark.usefixtures("may_upload")
def test_a_history_is_sent_as_a_picture_to_whoever_asked(whole: Running) -> None:
    begin(whole)
    said = ephemeral(whole, "/stage history churn-co")
    assert said.startswith("History of Churn &amp; co (2 events") and said.endswith(DIRECT)
    uploads(whole)
    [upload] = whole.slack.uploads()
    assert upload.content and upload.content.startswith(PNG) and upload.filename == "churn-co-history.png"
    assert (upload.title, upload.channel) == ("History of Churn & co", DIRECT_CHANNEL)
    assert upload.comment == "History of Churn &amp; co"
    [call] = whole.slack.calls("files.getUploadURLExternal")
    assert "Feasibility 0 d" in call.arguments["alt_txt"]
    # The channel in which it was asked has what it had before: a creation and a decision.
    whole.slack.expect_no_more(ids.CHANNEL, 2)


@pytest.mark.usefixtures("may_upload")
def test_in_our_direct_messages_the_picture_follows_the_words(run: Run) -> None:
    running = run(command=WHOLE)
    begin(running)
    running.deliver(payloads.direct_message("/stage history churn-co"))
    assert running.answers(DIRECT_CHANNEL)[0]["text"].endswith(HERE)
    uploads(running)
    assert running.slack.uploads()[0].channel == DIRECT_CHANNEL
    assert not running.slack.calls("conversations.open")


def test_without_the_scope_the_words_stand_alone(run: Run) -> None:
    running = run(command=WHOLE)
    begin(running)
    said = ephemeral(running, "/stage history churn-co")
    assert "created it in Feasibility" in said and "picture" not in said
    assert not running.slack.calls("files.getUploadURLExternal")
    assert running.logged("that needs the scope files:write") == 1


@pytest.mark.usefixtures("may_upload")
def test_other_answers_have_no_picture(run: Run) -> None:
    running = run(command=WHOLE)
    begin(running)
    assert "picture" not in ephemeral(running, "/stage status churn-co")
    assert "picture" not in ephemeral(running, "/stage history nothing-like-it")


@pytest.mark.usefixtures("may_upload")
@pytest.mark.parametrize("step", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
def test_a_picture_that_fails_leaves_the_words_and_is_told(run: Run, step: str) -> None:
    running = run(command=WHOLE)
    begin(running)
    running.slack.fail_next(step, **({"status": 503} if step == "upload" else {"error": "storage_limit_reached"}))
    assert "created it in Feasibility" in ephemeral(running, "/stage history churn-co")
    excuse = running.slack.wait_for_ephemerals(ids.CHANNEL, ids.ANA, 2, timeout=20)[-1]
    assert excuse["text"] == LOST
    assert running.logged("The picture of churn-co was not sent")
    # The next one is drawn as if nothing had happened.
    ephemeral(running, "/stage history churn-co")
    uploads(running)


def test_granted_scopes_are_read_from_the_header() -> None:
    assert granted({"X-OAuth-Scopes": "chat:write, files:write"}) == {"chat:write", "files:write"}
    assert granted({}) == granted({"x-oauth-scopes": ""}) == frozenset()
