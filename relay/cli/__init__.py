"""The command line. Every command is imported when it is called, so that `relay --help` answers at once.

Exit codes: 0 done; 1 found what it was asked to find (tampering, an unhealthy configuration, a difference); 2 what it
was given cannot be used, with one clear line on stderr.
"""

import sys
from importlib import import_module
from typing import Final

import click

COMMANDS: Final = {
    "serve": ("relay.cli.serve", "Run relay. 启动服务。"),
    "demo": ("relay.cli.demo", "Show relay at work with simulated buyers and agents. 演示。"),
    "init": ("relay.cli.init", "Write a configuration to begin with. 新建配置。"),
    "check": ("relay.cli.check", "Check configuration and settings, and say what counts. 检查配置。"),
    "ladder": ("relay.cli.ladder", "Say what happens at which second of an unanswered question. 预览催办阶梯。"),
    "settings": ("relay.cli.settings", "Export or apply shops, seats, people and quick replies. 导出或应用设置。"),
    "replies": ("relay.cli.replies", "List, propose, approve, retire or stop quick replies. 快捷短语。"),
    "assist": (
        "relay.cli.assist",
        "Say what a machine's reply counts for, confirm it, set the mode. 自动话术：说明、确认。",
    ),
    "library": ("relay.cli.library", "Check, search, import and export quick replies. 话术：检查、搜索、导入、导出。"),
    "event": ("relay.cli.event", "List the events of the shops, or rehearse one. 活动预案：列出、预演。"),
    "notify": ("relay.cli.notify", "Send a test notice; list and acknowledge alerts. 通知：测试、列出、确认。"),
    "token": ("relay.cli.token", "Give a person a new token. 为人员签发令牌。"),
    "password": ("relay.cli.password", "Give a person a password for the console. 设置网页登录密码。"),
    "cert": ("relay.cli.cert", "Make a certificate for HTTPS on the local network. 生成局域网 HTTPS 证书。"),
    "agent": ("relay.cli.agent", "Answer buyers from this terminal. 终端客服。"),
    "bridge-check": ("relay.cli.bridge_check", "Try a OneBot bridge and write a verdict. 检查 OneBot 桥接程序。"),
    "plugins": ("relay.cli.plugins", "List the plugins in reach. 列出插件。"),
    "audit": ("relay.cli.audit", "Compute a platform's figure from a message log. 核算聊天记录。"),
    "now": ("relay.cli.now", "Say how today stands, and what may still be missed. 今天的达标率与余量。"),
    "report": ("relay.cli.report", "Compute the figure from the ledger. 按台账核算。"),
    "registers": (
        "relay.cli.registers",
        "Write registers of follow-ups, and the reports that are due. 登记表与定时报表。",
    ),
    "platform-figure": ("relay.cli.platform_figure", "Take down what the platform published. 记录平台公布的数据。"),
    "kpi": ("relay.cli.kpi", "Compute the KPIs of agents, seats, vendors, groups and shops. 客服绩效。"),
    "orders": ("relay.cli.orders", "Import orders; asking, conversion and sales. 订单：导入、询单、转化、销售。"),
    "history": ("relay.cli.history", "Import chats of the time before relay. 导入历史聊天记录。"),
    "statement": ("relay.cli.statement", "State an outsourcing firm's month, verifiable by both. 外包对账单。"),
    "calibrate": ("relay.cli.calibrate", "Find the reading that gives the platform's figures. 校准口径。"),
    "settle": ("relay.cli.settle", "Settle every day that is over; rebuild or compare. 每日结算。"),
    "attendance": ("relay.cli.attendance", "Say who was there when, and who should have been. 登录日志与考勤。"),
    "buyer": ("relay.cli.buyer", "Export or erase everything kept of one buyer. 买家个人信息：导出、删除。"),
    "retention": ("relay.cli.retention", "Erase what is kept longer than [retention] says. 按保留期限删除。"),
    "doctor": ("relay.cli.doctor", "Look at everything that can go wrong, and say what to do. 体检。"),
    "backup": ("relay.cli.backup", "Write a whole, checked copy of the ledger. 备份台账。"),
    "restore": ("relay.cli.restore", "Put a backup in the place of the ledger. 从备份恢复。"),
    "export": ("relay.cli.export", "Write the ledger's messages or facts. 导出台账。"),
    "verify": ("relay.cli.verify", "Prove that the ledger is unaltered. 校验台账。"),
    "explain": ("relay.cli.explain", "Say what happened to a buyer and why. 解释经过与原因。"),
    "replay": ("relay.cli.replay", "Run a ledger again, or send a log through a live relay. 重放：台账或聊天记录。"),
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        known = COMMANDS.get(cmd_name)
        if known is None:
            return None
        command: click.Command = getattr(import_module(known[0]), cmd_name.replace("-", "_"))
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Ctrl-C, or a question that nobody answers, ends a command in both languages."""
        try:
            return super().invoke(ctx)
        except (click.Abort, KeyboardInterrupt):
            click.echo("\n已中断 / interrupted", err=True)
            ctx.exit(1)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=_Commands)
@click.version_option(package_name="relay-desk", prog_name="relay")
def _relay() -> None:
    """relay keeps a shop's three-minute promise. relay 守住店铺的三分钟响应。"""


def main() -> None:
    """The console entry point: what relay raises on purpose becomes one clear line and exit code 2."""
    from relay.errors import RelayError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console or pipe may not know every character
            stream.reconfigure(errors="backslashreplace")
    try:
        _relay(prog_name="relay")
    except RelayError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
