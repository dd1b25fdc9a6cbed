"""Which account a self id is, and of which shop; and which self id speaks for an account.

The configuration may say so for each self id. Without a word there a self id is the account's own name, and the shop is
the only one the channel serves. A bridge's extension fields go before both, within the channel's own shops: a bridge's
token opens no other shop (L14).
"""

from collections.abc import Collection, Mapping

import msgspec

from relay.domain.names import ShopId
from relay_onebot.extensions import Extensions
from relay_onebot.unusable import UnusableError


class AccountOption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One self id's table of the configuration. `account` is the seat's account in settings.toml."""

    shop: str | None = None
    account: str | None = None


class Account(msgspec.Struct, frozen=True):
    """A place that can talk to buyers in one shop."""

    shop: ShopId
    name: str


class Accounts:
    """The table, for the shops that the channel serves now."""

    def __init__(self, configured: Mapping[str, AccountOption]) -> None:
        self._configured = configured
        self.shops: Collection[ShopId] = ()

    def of(self, self_id: str, extensions: Extensions) -> Account:
        """Whose event this is. Raises `UnusableError` where the shop is not known, or not this channel's."""
        one = self._configured.get(self_id)
        named = extensions.shop or (one.shop if one is not None else None)
        name = extensions.account or (one.account if one is not None else None) or self_id
        return Account(self._shop(named, self_id), name)

    def shop_of(self, self_id: str) -> ShopId | None:
        """The shop of this self id, as far as the configuration says it."""
        try:
            return self.of(self_id, Extensions()).shop
        except UnusableError:
            return None

    def self_id_of(self, shop: ShopId, account: str) -> str:
        """Who speaks for this account."""
        for self_id, one in self._configured.items():
            if one.account == account and one.shop in (None, shop):
                return self_id
        return account

    def self_ids_of(self, shop: ShopId) -> list[str]:
        """The self ids that the configuration gives this shop."""
        return [self_id for self_id, one in self._configured.items() if one.shop in (None, shop)]

    def _shop(self, named: str | None, self_id: str) -> ShopId:
        if named is None:
            if len(self.shops) == 1:
                return next(iter(self.shops))
            raise UnusableError(
                f"this channel serves several shops, and nothing says which the self id {self_id!r} belongs to; "
                "name it under accounts in the configuration",
                f"此渠道有多个店铺，未指明 self id {self_id!r} 属于哪一家，请在配置的 accounts 中填写",
            )
        if named not in self.shops:
            raise UnusableError(
                f"this channel does not serve the shop {named!r}; give the shop this channel in settings.toml",
                f"此渠道未配置店铺 {named!r}，请在 settings.toml 中为该店铺填写此渠道",
            )
        return ShopId(named)
