"""A place where digests are posted, without Slack: keeps every post, and fails, loses answers or dies when told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.services.digest import Digest
from bot.services.digest_posting import ChannelGone, Found, Marker


@dataclass(frozen=True, slots=True)
class Post:
    """One message: a parent (`page` None), or one of its thread."""

    team: str
    target: str
    day: date
    start: datetime
    until: datetime
    text: str
    page: int | None = None


@dataclass
class Board:
    """All posts of all processes; `gone` are targets that cannot be posted to."""

    posts: list[Post] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)
    lookups: int = 0

    def parents(self, target: str) -> list[Post]:
        """The digests posted to a target."""
        return [post for post in self.posts if post.target == target and post.page is None]

    def pages(self, target: str, day: date) -> list[int | None]:
        """The thread of a day's digest."""
        return [p.page for p in self.posts if p.target == target and p.day == day and p.page is not None]


@dataclass
class LocalPoster:
    """Posts to a board. `around` is called before ("before …") and after ("after …") each call has its effect."""

    board: Board
    around: Callable[[str], None] = lambda moment: None
    thread_pages: int = 1

    def find(self, marker: Marker, *, since: datetime) -> Found | None:
        self._check(marker.target)
        self.around("before find")
        self.board.lookups += 1
        found = [p for p in self.board.posts if (p.team, p.target, p.day) == (marker.team, marker.target, marker.day)]
        parents = [post for post in found if post.page is None]
        self.around("after find")
        return Found("1.1", parents[0].until, len(found) - len(parents)) if parents else None

    def post(self, digest: Digest, marker: Marker) -> str:
        self._check(marker.target)
        self.around("before post")
        text = "\n".join(line.text for line in digest.parent)
        self.board.posts.append(Post(marker.team, marker.target, marker.day, digest.start, marker.until, text))
        self.around("after post")
        return "1.1"

    def pages(self, digest: Digest) -> int:
        return self.thread_pages

    def post_page(self, digest: Digest, marker: Marker, message: str, page: int) -> None:
        self._check(marker.target)
        self.around("before page")
        self.board.posts.append(Post(marker.team, marker.target, marker.day, digest.start, marker.until, "", page))
        self.around("after page")

    def tell(self, team: str, user: str, text: str) -> None:
        self.around("before tell")
        self.board.told.append((user, text))

    def _check(self, target: str) -> None:
        if target in self.board.gone:
            raise ChannelGone(self.board.gone[target])
