"""plotly's script for the report page, as its package has it; the package is an extra (`relay-desk[reports]`).

That page alone asks for it, and only when somebody wants plots: five megabytes. It runs under the policy of every page:
what it would do against it (its maps bring a style of their own, and try images) it is refused, and no plot of ours
needs that.
"""

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from aiohttp import web

from relay.web.console.pages import FOR_EVER, HOME, headers_of

SCRIPT: Final = "package_data/plotly.min.js"


def script() -> Path | None:
    """The file in the installed package; the package itself is not imported, which would take a second."""
    found = find_spec("plotly")
    folders = found.submodule_search_locations if found is not None else None
    paths = [path for folder in folders or () if (path := Path(folder) / SCRIPT).is_file()]
    return paths[0] if paths else None


def address() -> str | None:
    """Where the page finds it; None where it is not installed."""
    return None if script() is None else f"{HOME}plotly/{version('plotly')}.js"


def plotly_routes() -> list[web.RouteDef]:
    path, place = script(), address()
    if path is None or place is None:
        return []

    async def serve(request: web.Request) -> web.FileResponse:
        return web.FileResponse(path, headers={**headers_of(request), "Cache-Control": FOR_EVER})

    return [web.get(place, serve)]
