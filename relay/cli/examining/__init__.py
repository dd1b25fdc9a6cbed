"""What `relay doctor` measures, part by part; what it means is for `relay.insight.checkup`."""

from relay.cli.examining.copies import copies
from relay.cli.examining.ledger import ledger
from relay.cli.examining.machine import machine
from relay.cli.examining.running import running
from relay.cli.examining.shops import shops
from relay.config import Config
from relay.insight.checkup import Finding
from relay.runtime.system import SystemClock


def examine(config: Config) -> tuple[list[Finding], bool]:
    """Everything that was found, and whether the service was there to be asked. Raises BadInputError, LedgerError."""
    clock = SystemClock()
    told, is_running = running(config)
    found = [*told, *machine(config, clock), *copies(config, clock.now())]
    settings, of_ledger = ledger(config, clock.now(), is_running)
    return [*found, *of_ledger, *shops(settings, clock.now())], is_running
