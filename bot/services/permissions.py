"""Who may change a product. Asked inside the transaction of every change, whichever way it came."""

from __future__ import annotations

from collections.abc import Callable

from bot.errors import CommandError
from bot.services.request import Rules
from bot.services.staffing import by_default, role_name, roles_of, same, standing
from bot.store.records import Product
from knowledge.schema import Pack


def may_change(product: Product, user: str, rules: Rules, pack: Pack) -> bool:
    """Whether the policy lets this person change the product."""
    if rules.policy == "open" or any(same(user, admin) for admin in rules.admins):
        return True
    if rules.policy == "admins":
        return False
    return same(user, product.creator) or bool(roles_of(pack, product, user))


def require(product: Product, user: str, rules: Rules, pack: Pack, names: Callable[[str], str]) -> None:
    """Refuse who may not change the product, and say who may."""
    if not may_change(product, user, rules, pack):
        raise CommandError(
            "not_allowed", f"You may not change {product.name}. Those who may: {who_may(product, rules, pack, names)}."
        )


def who_may(product: Product, rules: Rules, pack: Pack, names: Callable[[str], str]) -> str:
    """Everybody who may change the product, each with why."""
    why: dict[str, list[str]] = {}
    if rules.policy == "involved":
        why[product.creator] = ["created it"]
        for held in product.holders:
            why.setdefault(held.user, []).append(role_name(pack, held.role))
        for role in pack.roles:
            if role.people and by_default(pack, product, role.id):
                for user in standing(pack, role.id):
                    why.setdefault(user, []).append(f"{role.name} by default")
    for admin in sorted(rules.admins):
        why.setdefault(admin, []).append("admin")
    return (
        ", ".join(f"{names(user)} ({', '.join(reasons)})" for user, reasons in why.items()) or "nobody: no admin is set"
    )
