"""Who comes in at the console: passwords, how often one may try, and sessions that end."""

from relay.runtime.access.passwords import Hasher, unfit
from relay.runtime.access.sessions import Sessions, Terms
from relay.runtime.access.throttle import Throttle

__all__ = ["Hasher", "Sessions", "Terms", "Throttle", "unfit"]
