"""What pages load: Leaflet, a style sheet and scripts, all from here, so that pages work without internet and under a strict CSP."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

from geo_service.api.problems import Problem, ProblemError

__all__ = ["router", "static_url"]

router = APIRouter()

_PACKAGE = Path(__file__).parents[2]
_FOLDERS = tuple(_PACKAGE / one / "static" for one in ("api", "maps", "web"))
"""Files of every layer are served from one place; no two have the same name."""
_SHOWN = 80
_FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/static/{version}/{name:path}", include_in_schema=False)
async def static(version: str, name: str) -> Response:
    """One of the files. Its address changes with the content of any, so that a cache may keep it; at another address it is not kept."""
    assets, current = _assets()
    if name not in assets:
        raise ProblemError(Problem.NOT_FOUND, f"there is no file '{name[:_SHOWN]}' here")
    content, media_type = assets[name]
    caching = _FOR_EVER if version == current else "no-cache"
    return Response(content, headers={"Content-Type": media_type, "Cache-Control": caching})


def static_url(base: str, name: str) -> str:
    """The address of a file: `page.css`, `map.js`, `leaflet/leaflet.css`, `leaflet/leaflet.js`.

    Args:
        base: The URL that the service is reached under, without a slash at its end.
        name: The file.
    """
    return f"{base}/static/{_assets()[1]}/{name}"


@cache
def _assets() -> tuple[dict[str, tuple[bytes, str]], str]:
    """Each file and its media type by name, and the version of all of them together."""
    # Here, so that the service starts without looking for it.
    import xstatic.pkg.leaflet  # noqa: PLC0415

    leaflet = Path(xstatic.pkg.leaflet.BASE_DIR)
    script = re.sub(rb"//# sourceMappingURL=\S+", b"", (leaflet / "leaflet.js").read_bytes())
    files = {
        one.name: one.read_bytes()
        for folder in _FOLDERS
        for one in sorted(folder.iterdir())
        if one.suffix in {".css", ".js"}
    }
    files |= {"leaflet/leaflet.js": script, "leaflet/leaflet.css": (leaflet / "leaflet.css").read_bytes()}
    files |= {
        f"leaflet/images/{one.name}": one.read_bytes() for one in sorted((leaflet / "images").glob("*.png"))
    }
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(name.encode() + b"\0" + content)
    return {name: (content, _media_type(name)) for name, content in files.items()}, digest.hexdigest()[:12]


def _media_type(name: str) -> str:
    if name.endswith(".js"):
        return "text/javascript; charset=utf-8"
    return "text/css; charset=utf-8" if name.endswith(".css") else mimetypes.types_map[Path(name).suffix]
