"""What ended a moment ago, for as long as a person may take back what ended it."""

from typing import Generic, TypeVar

from relay.domain.apply_deeds import KEPT_MS
from relay.domain.names import BuyerRef, Millis, ShopId

Key = tuple[ShopId, BuyerRef]
T = TypeVar("T")


class Lately(Generic[T]):
    """One thing of each buyer; memory follows the last minute alone."""

    def __init__(self) -> None:
        self._ended: dict[Key, tuple[Millis, T]] = {}

    def put(self, key: Key, at: Millis, one: T) -> None:
        self._ended.pop(key, None)
        for old in list(self._ended):
            if at - self._ended[old][0] <= KEPT_MS:
                break
            del self._ended[old]
        self._ended[key] = (at, one)

    def pop(self, key: Key) -> T | None:
        """What begins again; None if nothing of this buyer ended."""
        found = self._ended.pop(key, None)
        return found[1] if found is not None else None
