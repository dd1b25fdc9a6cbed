"""What works beside a running service in processes of its own: snapshots, the settlement, the reports."""

from pathlib import Path

from relay.config import Config
from relay.contracts import Clock
from relay.runtime.notices.room import Notices
from relay.runtime.reports import Reports
from relay.runtime.settling.keeping import Settling
from relay.runtime.settling.making import Plugins as SettlingPlugins
from relay.runtime.snapshots.keeping import ChildMaker, Snapshots
from relay.store.projections import PROJECTIONS

LEDGER = "relay.sqlite"
SNAPSHOTS = "snapshots"


def snapshots_of(data_dir: Path, clock: Clock) -> Snapshots:
    folder = data_dir / SNAPSHOTS
    return Snapshots(folder, ChildMaker(data_dir / LEDGER, folder), clock)


def settling_of(config: Config, clock: Clock) -> Settling:
    """The daily settlement, beside the ledger."""
    folder, plugins = config.relay.data_dir, config.plugins
    named = SettlingPlugins(plugins.enabled, tuple(str(one) for one in plugins.folders))
    return Settling(folder / LEDGER, folder / PROJECTIONS, named, clock)


def reports_of(config: Config, clock: Clock, notices: Notices) -> Reports:
    """Registers and the daily report, told to the notifiers."""
    return Reports(config.reports, config.path, clock, notices.announce)
