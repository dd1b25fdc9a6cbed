"""Whether an owner has confirmed that a machine may send in a shop, on what they read of it (§7).

A confirmation names who, when, and the statement that was read: `TERMS-TEXT`. The first half is reckoned here, from
what the statement is about: platform, rule and options. So a desk sees by itself that a confirmation is of other terms;
that its text is the one relay writes today is for the office to say (`relay.runtime.confirming`).

Law: without a confirmation that holds, `assist` acts as `suggest`.
"""

import hashlib
from typing import Final

import msgspec

from relay.domain.settings import Assist, Shop

_LENGTH: Final = 12


def terms_of(shop: Shop) -> str:
    """What a statement on this shop is about, as a short digest."""
    options = sorted(shop.rule_options.items())
    return digest_of(msgspec.json.encode([shop.platform, shop.rule, options]))


def digest_of(told: bytes) -> str:
    """The short form in which a statement, or half of it, is named."""
    return hashlib.sha256(told).hexdigest()[:_LENGTH]


def is_confirmed(shop: Shop) -> bool:
    """Whether somebody confirmed a statement on these terms."""
    if shop.assist_confirmed_by is None or shop.assist_confirmed_on is None:
        return False
    return (shop.assist_confirmed_statement or "").partition("-")[0] == terms_of(shop)


def mode_of(shop: Shop) -> Assist:
    """How the machine acts in this shop."""
    return "suggest" if shop.assist == "assist" and not is_confirmed(shop) else shop.assist
