"""Alerts in the log: each key once, a hundred between two beats, and no unknown is ever left out."""

from structlog.testing import capture_logs

from relay.domain.effects import Alert
from relay.domain.model import OpenAlert
from relay.domain.names import AlertId, Millis, ShopId
from relay.runtime.alerts import MOST, LoggedAlerts

SHOP = ShopId("shop")


def test_an_alert_that_is_issued_again_is_one() -> None:
    alerts = LoggedAlerts()
    with capture_logs() as told:
        for _ in range(3):
            alerts.alert(Alert("k", SHOP, "unanswered"))
    assert [line["what"] for line in told] == ["unanswered"]
    assert alerts.count == {"unanswered": 1}


def test_an_alert_whose_matter_is_over_is_said_again_when_it_comes_again() -> None:
    alerts = LoggedAlerts()
    for _ in range(2):
        alerts.alert(Alert("shop:nobody", SHOP, "nobody_online"))
        alerts.alert(Alert("shop:nobody", SHOP, "nobody_online"))
        alerts.forget(OpenAlert(AlertId("a1"), "shop:nobody", SHOP, "nobody_online", Millis(1)))
    assert alerts.count == {"nobody_online": 2}


def test_what_is_too_much_to_read_is_counted() -> None:
    alerts = LoggedAlerts()
    with capture_logs() as told:
        for number in range(MOST + 7):
            alerts.alert(Alert(f"k{number}", SHOP, "unanswered"))
        alerts.alert(Alert("d", SHOP, "debt"))
    assert len(told) == MOST
    with capture_logs() as told:
        alerts.beat()
        alerts.beat()
        alerts.alert(Alert("next", SHOP, "debt"))
    assert [(line["event"], line["what"], line.get("more")) for line in told] == [
        ("more_alerts", "unanswered", 7),
        ("more_alerts", "debt", 1),
        ("alert", "debt", None),
    ]
    assert alerts.count == {"unanswered": MOST + 7, "debt": 2}


def test_a_send_of_unknown_outcome_is_always_said() -> None:
    alerts = LoggedAlerts()
    for number in range(MOST):
        alerts.alert(Alert(f"k{number}", SHOP, "unanswered"))
    with capture_logs() as told:
        alerts.alert(Alert("s7:unknown", SHOP, "send_unknown"))
    assert [line["what"] for line in told] == ["send_unknown"]
