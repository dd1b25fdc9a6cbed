"""What `relay doctor` concludes from what it measured: each finding says what it means and what to do. Pure.

findings  the record
machine   SQLite, the disk, the clock, sleep
ledger    silent channels, gaps, unknown sends, what nobody could read
copies    backups and exported heads
service   what only the running service knows
"""

from relay.insight.checkup.copies import backups as backups
from relay.insight.checkup.copies import heads as heads
from relay.insight.checkup.findings import Finding as Finding
from relay.insight.checkup.ledger import Quiet as Quiet
from relay.insight.checkup.ledger import quarantined as quarantined
from relay.insight.checkup.ledger import silence as silence
from relay.insight.checkup.ledger import unknown_sends as unknown_sends
from relay.insight.checkup.ledger import unread_gaps as unread_gaps
from relay.insight.checkup.machine import clock_steps as clock_steps
from relay.insight.checkup.machine import free_space as free_space
from relay.insight.checkup.machine import fsync_speed as fsync_speed
from relay.insight.checkup.machine import laptop as laptop
from relay.insight.checkup.machine import skew as skew
from relay.insight.checkup.machine import sqlite_version as sqlite_version
from relay.insight.checkup.service import not_running as not_running
from relay.insight.checkup.service import plugin_failures as plugin_failures
from relay.insight.checkup.service import replays_refused as replays_refused
from relay.insight.checkup.service import troubles as troubles
from relay.insight.checkup.service import unready as unready
