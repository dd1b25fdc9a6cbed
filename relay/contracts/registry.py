"""What a plugin registers, and how configured parts are built."""

from collections.abc import Mapping
from typing import Protocol

from relay.contracts.channels import Channel
from relay.contracts.clocks import Clock, Entropy
from relay.contracts.notifiers import Notifier
from relay.contracts.readers import Reader
from relay.contracts.responders import Responder
from relay.domain.names import ChannelName
from relay.rules.catalogue import Rule


class Registry(Protocol):
    """What a plugin's `register(registry)` is given. Found is not enabled: the configuration names what is built."""

    def channel(self, kind: str, build: "ChannelFactory") -> None: ...

    def rule(self, rule: Rule) -> None:
        """A platform's figure, computed from messages alone (`relay.rules.catalogue.Rule`)."""

    def reader(self, reader: Reader) -> None:
        """A format of exported chat logs."""

    def responder(self, kind: str, build: "ResponderFactory") -> None: ...

    def notifier(self, kind: str, build: "NotifierFactory") -> None: ...


class ChannelFactory(Protocol):
    """Builds one configured channel. `options` is its table of the configuration, secrets already resolved.

    Raises ValueError naming the key for anything it cannot use.
    """

    def __call__(self, name: ChannelName, options: Mapping[str, object], clock: Clock, entropy: Entropy) -> Channel: ...


class ResponderFactory(Protocol):
    """Builds one configured responder; as `ChannelFactory` in all else."""

    def __call__(self, name: str, options: Mapping[str, object], clock: Clock, entropy: Entropy) -> Responder: ...


class NotifierFactory(Protocol):
    """Builds one configured notifier; as `ChannelFactory` in all else."""

    def __call__(self, name: str, options: Mapping[str, object], clock: Clock, entropy: Entropy) -> Notifier: ...
