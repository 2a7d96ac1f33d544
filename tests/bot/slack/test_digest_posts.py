"""Digests over the wire: posted once with their threads, whatever Slack and the processes do meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.scheduler import DigestQueue
from bot.services.digest import Digest
from bot.services.digest_posting import DigestPosting, Marker
from bot.slack.digest_poster import EVENT_TYPE, DigestPoster
from bot.store.records import DigestSchedule
from bot.store.sqlite import SqliteStore
from tests.bot.services.digest_world import World, knowledge, names
from tests.bot.services.digest_world import schedule as plain_schedule
from tests.bot.slack.conftest import Run
from tests.slack import ids
from tests.slack.server import SlackServer

DAY = timedelta(days=1)
# The local Slack gives messages the time of day that it is, so days are counted from today.
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
TODAY = NOON.date().isoformat()
TEAM = "T1"


def schedule(target: str = ids.CHANNEL, **changes: Any) -> DigestSchedule:
    return plain_schedule(target, **{"time": "08:30", "zone": "UTC", "set_by": ids.ANA, **changes})


class Line:
    """A process at the telephone: a store, a queue, a clock that jumps over every pause."""

    def __init__(self, path: Path, slack: SlackServer) -> None:
        self.path = path
        self.slack = slack
        self.now = NOON
        self.store = SqliteStore(path)
        self.world = World(self.store)
        self.begin()

    def begin(self) -> None:
        """A process begins, as after a crash: with nothing in memory."""
        self.number = getattr(self, "number", 0) + 1
        self.posting = DigestPosting(
            store=self.store,
            knowledge=knowledge,
            names=lambda team: names,
            poster=DigestPoster(self.slack.bot_token, self.slack.api_url),
            clock=lambda: self.now,
            owner=f"process-{self.number}",
            team=TEAM,
        )
        self.queue = DigestQueue(self.posting, self.seconds)

    def seconds(self) -> float:
        return self.now.timestamp()

    def set_up(self, *schedules: DigestSchedule) -> None:
        with self.store.write() as writer:
            for each in schedules:
                writer.save_digest_schedule(each)

    def step(self) -> bool:
        self.queue.add_due(self.posting.due(self.now))
        job = self.queue.take()
        if job is None:
            return False
        self.queue.put_back(job, self.queue.step(job))
        return True

    def run(self, seconds: float = 300) -> None:
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            while self.step():
                pass
            wait = self.queue.seconds_to_next()
            self.now += timedelta(seconds=min(max(wait or 5.0, 0.01), 5.0))

    def many_products(self, count: int = 30) -> None:
        for number in range(count):
            self.world.create(f"product-{number:02}", NOON - DAY, sponsor="U3")

    def found(self, target: str = ids.CHANNEL) -> DigestSchedule:
        with self.store.read() as reader:
            found = reader.digest_schedule(TEAM, target)
        assert found is not None
        return found

    def parents(self, channel: str = ids.CHANNEL) -> list[dict[str, Any]]:
        return [message for message in self.slack.messages(channel) if "thread_ts" not in message]


@pytest.fixture
def line(tmp_path: Path, slack_server: SlackServer) -> Iterator[Line]:
    line = Line(tmp_path / "line.db", slack_server)
    yield line
    line.store.close()


def test_a_due_digest_is_posted_once_with_its_thread_and_a_mark(line: Line) -> None:
    line.many_products()
    line.set_up(schedule())
    line.run()
    [parent] = line.parents()
    thread = line.slack.thread(ids.CHANNEL, parent["ts"])
    assert parent["text"].startswith("Daily digest, ")
    assert "Details are in the thread." in parent["text"]
    assert all(f"product-{number:02}" in "".join(page["text"] for page in thread) for number in range(30))
    metadata = parent["metadata"]
    assert metadata["event_type"] == EVENT_TYPE
    assert (metadata["event_payload"]["target"], metadata["event_payload"]["day"]) == (ids.CHANNEL, TODAY)
    assert [page["metadata"]["event_payload"]["page"] for page in thread] == list(range(len(thread)))
    said = json.dumps([parent, *thread])
    assert "Cy &lt;b&gt;" in said
    assert "<@" not in said


def test_a_digest_that_fits_one_message_has_no_thread(line: Line) -> None:
    line.set_up(schedule())
    line.run()
    [parent] = line.slack.messages(ids.CHANNEL)
    assert "there are none yet" in parent["text"]


@pytest.mark.parametrize("steps", [1, 2])
def test_after_a_crash_the_message_is_found_and_the_thread_goes_on(line: Line, steps: int) -> None:
    line.many_products(120)
    line.set_up(schedule())
    for _ in range(steps):
        assert line.step()
        line.now += timedelta(seconds=2)
    assert len(line.slack.messages(ids.CHANNEL)) == steps
    line.begin()
    line.run()
    [parent] = line.parents()
    thread = line.slack.thread(ids.CHANNEL, parent["ts"])
    assert len(thread) > 1
    assert [page["metadata"]["event_payload"]["page"] for page in thread] == list(range(len(thread)))
    assert line.slack.calls("conversations.history")


def test_the_look_up_goes_through_a_busy_channel(line: Line) -> None:
    line.set_up(schedule())
    assert line.step()
    channel = line.slack.workspace.channels[ids.CHANNEL]
    for number in range(450):
        channel.messages.append({"type": "message", "user": ids.BEN, "text": str(number), "ts": ids.new_ts()})
    digest = line.posting.poster.find(marker(), since=NOON - DAY)
    assert digest is not None
    assert digest.message == line.parents()[0]["ts"]
    assert len(line.slack.calls("conversations.history")) == 3


def marker(target: str = ids.CHANNEL) -> Marker:
    return Marker(TEAM, target, "channel", NOON.date(), NOON)


@pytest.mark.parametrize("failing", [1, 2])
def test_an_answer_that_got_lost_leads_to_a_look_up_not_to_a_second_post(line: Line, failing: int) -> None:
    line.many_products()
    line.set_up(schedule())
    for _ in range(failing - 1):
        assert line.step()
        line.now += timedelta(seconds=2)
    line.slack.fail_next("chat.postMessage", drop="after")
    line.run()
    [parent] = line.parents()
    thread = line.slack.thread(ids.CHANNEL, parent["ts"])
    pages = [page["metadata"]["event_payload"]["page"] for page in thread]
    assert pages == list(range(len(pages)))
    assert pages


@pytest.mark.parametrize("trouble", [{"drop": "before"}, {"status": 503}, {"error": "internal_error"}])
def test_an_outage_of_slacks_is_waited_for(line: Line, trouble: dict[str, Any]) -> None:
    line.set_up(schedule())
    line.slack.fail_next("chat.postMessage", times=3, **trouble)
    line.run()
    assert len(line.parents()) == 1
    assert line.found().failing_since is None


def test_slack_asking_to_wait_is_honoured_by_every_channel(line: Line) -> None:
    line.set_up(schedule(), schedule(ids.OTHER_CHANNEL))
    line.slack.fail_next("chat.postMessage", status=429, retry_after=40)
    line.run(38)
    assert line.parents() == line.parents(ids.OTHER_CHANNEL) == []
    assert len(line.slack.calls("chat.postMessage")) == 1
    line.run(30)
    assert len(line.parents()) == len(line.parents(ids.OTHER_CHANNEL)) == 1


def test_messages_to_one_channel_keep_slacks_pace(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.many_products(400)
    line.set_up(schedule())
    moments: list[datetime] = []
    post_page = line.posting.poster.post_page

    def timed(digest: Digest, marker: Marker, message: str, page: int) -> None:
        moments.append(line.now)
        post_page(digest, marker, message, page)

    monkeypatch.setattr(line.posting.poster, "post_page", timed)
    line.run()
    assert len(moments) > 2
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(moments))


@pytest.mark.parametrize("error", ["is_archived", "not_in_channel", "channel_not_found"])
def test_a_failing_channel_is_switched_off_after_three_days_with_a_note_and_delays_no_other(
    line: Line, error: str
) -> None:
    line.set_up(schedule(), schedule(ids.OTHER_CHANNEL))
    line.slack.fail_channel(ids.CHANNEL, error)
    for day in range(5):
        line.now = NOON + day * DAY
        line.run()
        assert line.found().enabled == (day < 3)
        assert len(line.parents(ids.OTHER_CHANNEL)) == day + 1
    assert line.parents() == []
    assert len([call for call in line.slack.calls("chat.postMessage") if call.arguments["channel"] == ids.CHANNEL]) == 4
    [note] = line.slack.messages(ids.direct_channel(ids.ANA))
    assert "could not be posted since" in note["text"]
    assert f"for <#{ids.CHANNEL}>" in note["text"]
    assert "`/digest on 08:30 UTC`" in note["text"]


def test_a_token_that_slack_refuses_is_no_channels_fault(line: Line) -> None:
    line.set_up(schedule())
    line.slack.fail_next("*", error="token_revoked", times=1000)
    line.run(600)
    assert line.found().failing_since is None
    line.slack.heal()
    line.run(600)
    assert len(line.parents()) == 1


def test_ones_own_digest_comes_by_direct_message_and_is_found_there_after_a_crash(line: Line) -> None:
    line.many_products()
    line.set_up(schedule(ids.BEN, kind="person"))
    assert line.step()
    line.begin()
    line.run()
    direct = ids.direct_channel(ids.BEN)
    [parent] = line.parents(direct)
    assert parent["text"].startswith("Your digest, ")


def test_digests_of_another_workspace_are_left_alone(line: Line) -> None:
    line.set_up(schedule(team="T2"), schedule("general", team="local"))
    line.run()
    assert line.slack.calls() == []


def test_two_served_processes_post_a_due_digest_once(run: Run, slack_server: SlackServer) -> None:
    first, second = run(), run()
    long_ago = datetime.now(UTC) - 2 * DAY
    store = first.store()
    channels = [f"C0DUE{number:05}" for number in range(10)]
    for channel in channels:
        slack_server.workspace.add_channel(channel)
    with store.write() as writer:
        for channel in channels:
            writer.save_digest_schedule(
                schedule(channel, team=ids.TEAM, time="00:00", set_at=long_ago, scope="all", zone="UTC")
            )
    store.close()
    for channel in channels:
        slack_server.wait_for_messages(channel, 1, 10)
    for channel in channels[:3]:
        slack_server.expect_no_more(channel, 1, 0.3)
    assert [len(slack_server.messages(channel)) for channel in channels] == [1] * 10
    assert [first.app.terminate(), second.app.terminate()] == [0, 0]


def test_a_process_that_is_stopped_leaves_its_digest_to_another_at_once(run: Run, slack_server: SlackServer) -> None:
    first = run()
    store = first.store()
    world = World(store, ids.TEAM)
    for number in range(30):
        world.create(f"product-{number:02}", datetime.now(UTC) - DAY)
    due = schedule(team=ids.TEAM, time="00:00", set_at=datetime.now(UTC) - 2 * DAY, scope="all", zone="UTC")
    with store.write() as writer:
        writer.save_digest_schedule(due)
    [parent] = slack_server.wait_for_messages(ids.CHANNEL, 1, 30)
    # The rest of the thread comes a second later at the earliest.
    assert first.app.terminate() == 0
    run()
    pages = slack_server.wait_for_messages(ids.CHANNEL, 2, 60)[1:]  # a lease is longer than that
    assert [page["thread_ts"] for page in pages] == [parent["ts"]]
    store.close()
