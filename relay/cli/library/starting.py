"""`relay library starter`: the starter library as tables of a settings file, for a shop to read and approve."""

from typing import TYPE_CHECKING

import click

from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.config.texts import Topic


@click.command()
@click.option("--topic", "topics", multiple=True, metavar="ID", help="Only this situation; may be repeated.")
@click.option("--list", "only_list", is_flag=True, help="Name the situations.")
@click.option("--author", default=None, metavar="ID", help="The person who takes these texts in as theirs.")
@click.option("--shop", "shops", multiple=True, metavar="ID", help="For this shop only; may be repeated.")
def starter(topics: tuple[str, ...], only_list: bool, author: str | None, shops: tuple[str, ...]) -> None:
    """Write the starter library, every text pending: approving is the shop's own act. 起步话术库（待审核）。"""
    from relay.config.texts import starter as starter_library
    from relay.domain.names import PersonId, ReplyId, ShopId
    from relay.domain.settings import QuickReply
    from relay.runtime.settings_text import dump_reply

    every = starter_library()
    unknown = sorted(set(topics) - {one.id for one in every})
    if unknown:
        known = ", ".join(one.id for one in every)
        stop(f"没有场景 {', '.join(unknown)} / there is no such situation; 有 / there are: {known}")
    chosen = [one for one in every if not topics or one.id in topics]
    if only_list:
        click.echo("\n".join(f"{one.id:<12} {len(one.reply):>2}  {one.zh} / {one.en}" for one in chosen))
        return
    click.echo("# 起步话术：读过、改好，再由审核人批准 / read them, change them, then let an approver approve them")
    for topic in chosen:
        click.echo(_head(topic))
        for one in topic.reply:
            by = None if author is None else PersonId(author)
            reply = QuickReply(ReplyId(one.id), 1, one.text, one.purpose, "pending", tuple(map(ShopId, shops)), by)
            click.echo(dump_reply(reply))


def _head(topic: "Topic") -> str:
    return f"\n# ---- {topic.zh} / {topic.en}\n"
