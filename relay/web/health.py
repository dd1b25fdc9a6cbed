"""/healthz (the process lives and its loop is not stuck), /readyz (it can take messages), /metrics (Prometheus)."""

from collections.abc import Iterator
from typing import Protocol

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Vitals(Protocol):
    """What the process tells of itself."""

    def unready(self) -> list[str]:
        """Why it cannot take messages now; empty if it can."""

    def lag_s(self) -> float:
        """By how much the last heartbeat was late, in seconds."""

    def gauges(self) -> Iterator[tuple[str, str, dict[str, str], float]]:
        """Name, help, labels and value of what goes up and down."""

    def counters(self) -> Iterator[tuple[str, str, dict[str, str], float]]:
        """The same of what only grows."""


class _Readings(Collector):
    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals

    def collect(self) -> Iterator[Metric]:
        yield from self._families(self._vitals.gauges(), GaugeMetricFamily)
        yield from self._families(self._vitals.counters(), CounterMetricFamily)

    def _families(
        self,
        readings: Iterator[tuple[str, str, dict[str, str], float]],
        kind: type[GaugeMetricFamily] | type[CounterMetricFamily],
    ) -> Iterator[Metric]:
        families: dict[str, GaugeMetricFamily | CounterMetricFamily] = {}
        for name, text, labels, value in readings:
            family = families.get(name)
            if family is None:
                family = families[name] = kind(f"relay_{name}", text, labels=list(labels))
            family.add_metric(list(labels.values()), value)
        yield from families.values()


def health_routes(vitals: Vitals) -> list[web.RouteDef]:
    """The three routes."""
    registry = CollectorRegistry()
    registry.register(_Readings(vitals))

    async def healthz(_: web.Request) -> web.Response:
        lag = vitals.lag_s()
        return web.json_response({"alive": True, "lag_s": round(lag, 3)}, status=200 if lag < 1 else 503)

    async def readyz(_: web.Request) -> web.Response:
        why = vitals.unready()
        return web.json_response({"ready": not why, "why": why}, status=503 if why else 200)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE})

    return [web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics)]
