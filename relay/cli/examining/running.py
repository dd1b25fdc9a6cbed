"""The running service, if there is one: what only the process itself knows."""

import json

from relay.cli.reaching import NotRunningError, ask
from relay.config import Config
from relay.insight import checkup
from relay.insight.checkup import Finding


def running(config: Config) -> tuple[list[Finding], bool]:
    try:
        told = json.loads(ask(config, "GET", "/admin/status"))
    except NotRunningError:
        return [checkup.not_running()], False
    found = [*checkup.unready(told["unready"]), *checkup.troubles(told["troubles"])]
    found += [*checkup.plugin_failures(told["plugin_failures"]), *checkup.replays_refused(told["replays_refused"])]
    return found, True
