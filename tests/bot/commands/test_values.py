"""Amounts, goals, dates and ids."""

from __future__ import annotations

from datetime import date

import pytest

from bot.commands.values import Amount, amount, day, slug, target
from bot.errors import CommandError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", Amount(120)),
        ("0", Amount(0)),
        ("120k", Amount(120_000)),
        ("120K EUR", Amount(120_000, "EUR")),
        ("120k eur", Amount(120_000, "EUR")),
        ("1.5m", Amount(1_500_000)),
        ("1,5m", Amount(1_500_000)),
        ("€120k", Amount(120_000, "EUR")),
        ("€ 120k", Amount(120_000, "EUR")),
        ("120k€", Amount(120_000, "EUR")),
        ("$1.2M", Amount(1_200_000, "USD")),
        ("EUR 120k", Amount(120_000, "EUR")),
        ("120,000", Amount(120_000)),
        ("1,200,000.50 USD", Amount(1_200_000.5, "USD")),
        ("1.200.000 EUR", Amount(1_200_000, "EUR")),
        ("120 000 EUR", Amount(120_000, "EUR")),
        ("120000euros", Amount(120_000, "EUR")),
        ("99.95", Amount(99.95)),
    ],
)
def test_amounts(text: str, expected: Amount) -> None:
    assert amount(text) == expected


@pytest.mark.parametrize(
    "text", ["", "lots", "1k a year", "-5", "1e9", "nan", "€120 USD", "1..2", "12 3", "k", "120.000", "5 bananas"]
)  # fmt: skip
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(CommandError) as caught:
        amount(text)
    assert caught.value.code == "usage"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("recall above 0.8", 0.8),
        ("1% less churn", 1.0),
        ("p99 under 200 ms", 200.0),
        ("happy users", None),
        ("v2", None),
    ],
)
def test_a_goal_may_name_a_target(text: str, expected: float | None) -> None:
    assert target(text) == expected


def test_dates() -> None:
    assert day("2026-03-31") == date(2026, 3, 31)
    with pytest.raises(CommandError):
        day("2026-02-30")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Churn model", "churn-model"),
        ("  Churn -- model! ", "churn-model"),
        ("Café Größe", "cafe-grosse"),
        ("产品", "产品"),
        ("C++ 2", "c-2"),
        ("🚀", ""),
    ],
)
def test_slugs(name: str, expected: str) -> None:
    assert slug(name) == expected
