"""The routes by which people work on the office: quick replies, the machine's leave to send, published figures."""

from aiohttp import web

from relay.contracts import Clock
from relay.insight.calibration.units import units
from relay.rules.catalogue import Catalogue
from relay.runtime.assisting import AssistAct, Assisting
from relay.runtime.figures import Figures
from relay.runtime.library import Library
from relay.runtime.office import Office
from relay.web.assist import assist_routes
from relay.web.figures import figure_routes
from relay.web.library import library_routes
from relay.web.people import People


def office_routes(
    office: Office, clock: Clock, catalogue: Catalogue, people: People, secret: str
) -> list[web.RouteDef]:
    """`catalogue`: the rules that this process knows."""
    return [
        *library_routes(Library(office), people, secret),
        *assist_routes(Assisting(office, clock), AssistAct, people, secret),
        *figure_routes(Figures(office, clock, units(catalogue)), people, secret),
    ]
