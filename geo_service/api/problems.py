"""Errors as `application/problem+json` (RFC 9457), each with a type that stays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

__all__ = ["Problem", "ProblemError"]


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    title: str


class Problem(Enum):
    """The kinds of problems. The type of each is the URN `urn:geo-service:problem:` and its name with hyphens."""

    INVALID_PARAMETER = _Kind(400, "A parameter cannot be used")
    UNKNOWN_PARAMETER = _Kind(400, "There is no such parameter")
    INVALID_FILTER = _Kind(400, "The filter cannot be asked")
    INVALID_CURSOR = _Kind(400, "The cursor cannot be used")
    INVALID_BODY = _Kind(400, "The body cannot be used")
    UNAUTHENTICATED = _Kind(401, "A valid token is needed")
    FORBIDDEN = _Kind(403, "This token may not do that")
    NOT_FOUND = _Kind(404, "There is no such thing")
    METHOD_NOT_ALLOWED = _Kind(405, "That cannot be done here")
    NOT_ACCEPTABLE = _Kind(406, "There is no such format")
    CONFLICT = _Kind(409, "That was already asked for differently")
    TOO_LARGE = _Kind(413, "The body is too large")
    URL_TOO_LONG = _Kind(414, "The URL is too long")
    UNSUPPORTED_MEDIA_TYPE = _Kind(415, "Such a body cannot be read")
    MISDIRECTED = _Kind(421, "This service does not go by that name")
    FINDINGS = _Kind(422, "The data have errors")
    TOO_MANY_REQUESTS = _Kind(429, "Too many requests")
    HEADERS_TOO_LARGE = _Kind(431, "The headers are too large")
    INTERNAL = _Kind(500, "Something went wrong here")
    NOT_IMPLEMENTED = _Kind(501, "That is not there in this form")
    NO_RELEASE = _Kind(503, "No release can be served")
    BUSY = _Kind(503, "Too much is asked for at once")
    TIMEOUT = _Kind(504, "The question takes too long")

    def __init__(self, kind: _Kind) -> None:
        """Take the kind's parts."""
        self.status = kind.status
        self.title = kind.title

    @property
    def type(self) -> str:
        """The URN that names it."""
        return f"urn:geo-service:problem:{self.name.lower().replace('_', '-')}"


class ProblemError(Exception):
    """An error of a request, as it is told to whoever asked.

    Args:
        problem: Its kind.
        detail: One sentence that says where and what to do.
        parameter: The parameter or header that is wrong; null where none is.
        allowed: What would be right; null where there is no list.
        headers: Headers of the answer.
        more: Further members of the problem.
    """

    def __init__(
        self,
        problem: Problem,
        detail: str,
        *,
        parameter: str | None = None,
        allowed: list[str] | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        """Keep it."""
        super().__init__(detail)
        self.problem = problem
        self.detail = detail
        self.parameter = parameter
        self.allowed = allowed
        self.headers = headers or {}
        self.more = more

    def to_json(self, instance: str | None = None) -> dict[str, Any]:
        """The problem as a JSON object.

        Args:
            instance: The id of the request; null for none.
        """
        said = {
            "type": self.problem.type,
            "title": self.problem.title,
            "status": self.problem.status,
            "detail": self.detail,
            "instance": instance and f"urn:geo-service:request:{instance}",
            "parameter": self.parameter,
            "allowed": self.allowed,
        }
        return {key: value for key, value in said.items() if value is not None} | self.more
