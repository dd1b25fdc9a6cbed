"""docs/metrics.md has every metric that a running relay serves, with type and labels, and no other."""

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from relay.domain.effects import Alert
from relay.domain.names import ShopId
from tests.operation.served import serving

ROOT = Path(__file__).parents[2]
Metrics = dict[str, tuple[str, set[str]]]


def documented() -> Metrics:
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|(.*?)\|(.*)\|$", text, re.M)
    assert len({row[0] for row in rows}) == len(rows)
    for name, _, _, meaning in rows:
        assert re.search(r"[A-Za-z].*[\u4e00-\u9fff]", meaning), f"{name} is not told in both languages"
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels, _ in rows}


async def test_every_metric_is_there_and_no_other(tmp_path: Path) -> None:
    async with serving(tmp_path) as (app, session):
        app.alerts.alert(Alert(key="k", shop=ShopId("shop1"), what="send_unknown"))
        app.service.calls.failed("main", "send", ValueError("no"))
        await app.backup(None)
        app.notices.sent["own", "confirmed"] += 1
        app.replays.refused["main"] += 1
        [(_, asker)] = app.drafting._askers
        asker.questions["done"] += 1
        asker.drafts["offered"] += 1
        async with session.get("/metrics") as answer:
            assert answer.status == 200
            served = await answer.text()
    found: Metrics = {}
    for family in text_string_to_metric_families(served):
        for sample in family.samples:
            found.setdefault(sample.name, (family.type, set(sample.labels)))
    assert documented() == found
