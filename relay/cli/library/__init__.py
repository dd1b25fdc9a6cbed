"""`relay library`: the texts of quick replies before they are settings. It reads files and writes files, and touches no
running relay: what comes of it takes effect by `relay settings apply`, where people approve.
"""

import click

from relay.cli.library.carrying import export_replies, import_replies
from relay.cli.library.checking import check
from relay.cli.library.searching import search
from relay.cli.library.starting import starter


@click.group()
def library() -> None:
    """Check, search, import and export quick replies. 话术：检查、搜索、导入、导出。"""


for _command in (check, search, import_replies, export_replies, starter):
    library.add_command(_command)
