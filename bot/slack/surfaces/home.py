"""Somebody's own page: the App Home."""

from __future__ import annotations

from collections.abc import Sequence

from bot.assistant import Home, HomeProduct
from bot.slack.surfaces.blocks import (
    Block,
    actions,
    bold,
    context,
    divider,
    header,
    section,
    suggestion_buttons,
)
from bot.slack.text import cut, escape, fit

# A view takes 100 blocks: headings, both lists, the digest and the examples stay below that.
MOST_MINE = 30
MOST_STAGES = 40
MOST_NAMES = 40


def home_view(home: Home) -> Block:
    """The view to publish."""
    blocks: list[Block] = [header("My products")]
    if home.mine:
        blocks += [_mine(product) for product in home.mine[:MOST_MINE]]
        blocks += _left_out(len(home.mine) - MOST_MINE, "products")
    else:
        blocks.append(section("You have no role on any product yet."))
    blocks += [divider(), header("Portfolio by stage")]
    if home.by_stage:
        blocks += [section(_stage(name, names)) for name, names in home.by_stage[:MOST_STAGES]]
        blocks += _left_out(len(home.by_stage) - MOST_STAGES, "stages")
    else:
        blocks.append(section("No product has an open stage."))
    if home.next_digest is not None:
        # Slack shows a date in the zone of whoever reads it; the words after the bar are for where it cannot.
        fallback = home.next_digest.strftime("%Y-%m-%d %H:%M %Z").strip()
        moment = f"<!date^{int(home.next_digest.timestamp())}^{{date_short_pretty}} at {{time}}|{escape(fallback)}>"
        blocks += [divider(), context(f"Next digest: {moment}")]
    blocks += _examples(home.examples)
    return {"type": "home", "blocks": blocks}


def _mine(shown: HomeProduct) -> Block:
    lines = [bold(shown.product.name, 100) or "…"]
    if shown.my_roles:
        lines[0] += " · " + fit(cut(", ".join(shown.my_roles), 400), 600)
    if shown.stages:
        lines.append(fit(shown.stages.replace("\n", " "), 900))
    if shown.next_step:
        lines.append("Next: " + fit(shown.next_step.replace("\n", " "), 900))
    return section("\n".join(lines))


def _stage(name: str, names: Sequence[str]) -> str:
    if not names:
        return f"{bold(name) or '…'}: none"
    shown = ", ".join(cut(" ".join(one.split()), 100) for one in names[:MOST_NAMES])
    more = f" … and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    # The count stands first, so that it is right whatever has to be cut.
    return f"{bold(name) or '…'} ({len(names)}): {fit(shown, 2_500)}{more}"


def _left_out(count: int, what: str) -> list[Block]:
    return [context(f"… and {count} more {what}")] if count > 0 else []


def _examples(examples: Sequence[str]) -> list[Block]:
    buttons = suggestion_buttons(examples, 3)
    return [divider(), context("Ask me, for example:"), actions(*buttons)] if buttons else []
