"""What the page of a report may do: run its own script and wear its own styles, each known by its checksum, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import html
import re

from geo_service.errors import InputError

__all__ = ["csp_of", "policy"]

_SAID = re.compile(rb'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_HEAD = 2_000
"""The policy stands before everything that it is about."""


def policy(*, script: str, style: str) -> str:
    """The content security policy of a page.

    Args:
        script: The text of its only script that runs; data in script elements need no leave.
        style: The text of its only style element. No element has a style attribute.
    """
    return (
        f"default-src 'none'; script-src {_checksum(script)}; style-src {_checksum(style)}; img-src data:; "
        "font-src data:; base-uri 'none'; form-action 'none'"
    )


def csp_of(page: bytes) -> str:
    """The policy that `html_bytes` put into a page, for the header of whoever serves it; `frame-ancestors` can only be said there.

    Raises:
        InputError: The page says no policy.
    """
    found = _SAID.search(page[:_HEAD])
    if found is None:
        raise InputError("the page says no content security policy; it is no report of this program")
    return html.unescape(found[1].decode())


def _checksum(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
