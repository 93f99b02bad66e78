"""Everything this package raises on purpose.

```text
GeoServiceError
├── InputError            something that was given cannot be used; the message says where and what to do
│   ├── FindingsError     an input has errors; all of them are in `.findings`
│   ├── CrsError          a coordinate reference system is missing or cannot be used
│   ├── FetchError        a download failed, was too large or has the wrong checksum
│   ├── FilterError       a filter, sort key, field, box or time cannot be asked of a collection
│   ├── ContradictionError  numbers that were to be published contradict each other
│   ├── CursorError       a cursor belongs to another question, or its release is gone
│   └── NotFoundError     there is no such release, collection or feature
├── OutputError           an output cannot be written: it exists, or its format is not known
│   └── BusyError         somebody else is publishing, or what should go away is in use
├── StoreError            a store of releases cannot be reached or does not do what it was asked
│   ├── DamagedReleaseError   a release is not what its manifest says it is
│   └── TimedOutError     a question took longer than it may, and was stopped
└── MissingExtraError     an optional dependency is not installed; the message says which extra has it
```

Errors know no HTTP status and no exit status; the API and the command line map them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.findings import Findings

__all__ = [
    "BusyError",
    "ContradictionError",
    "CrsError",
    "CursorError",
    "DamagedReleaseError",
    "FetchError",
    "FilterError",
    "FindingsError",
    "GeoServiceError",
    "InputError",
    "MissingExtraError",
    "NotFoundError",
    "OutputError",
    "StoreError",
    "TimedOutError",
]


class GeoServiceError(Exception):
    """The base of every error that this package raises on purpose."""


class InputError(GeoServiceError):
    """Something that was given cannot be used; the message says where and what to do."""


class CrsError(InputError):
    """A coordinate reference system is missing or cannot be used."""


class FetchError(InputError):
    """A download failed, was larger than its limit or has the wrong checksum."""


class FilterError(InputError):
    """A filter, sort key, field, box or time cannot be asked of a collection; the message says which part and why."""


class ContradictionError(InputError):
    """Numbers that were to be published contradict each other; the message names them, and nothing was written."""


class CursorError(InputError):
    """A cursor belongs to another collection, filter, sort or release, is damaged, or its release is gone."""


class NotFoundError(InputError):
    """There is no such release, collection or feature; the message names those that there are."""


class OutputError(GeoServiceError):
    """An output cannot be written: it exists already, or its format is not known."""


class BusyError(OutputError):
    """Somebody else is publishing at this moment, or what should go away is in use."""


class StoreError(GeoServiceError):
    """A store of releases cannot be reached, or does not do what it was asked."""


class DamagedReleaseError(StoreError):
    """A release is not what its manifest says it is; `geo-service releases verify` says where."""


class TimedOutError(StoreError):
    """A question took longer than it may, and was stopped."""


class MissingExtraError(GeoServiceError):
    """An optional dependency is not installed.

    Args:
        what: What was asked for, as a user would say it.
        extra: The extra of this package that brings it.
    """

    def __init__(self, what: str, extra: str) -> None:
        """Say which extra is missing and how to get it."""
        super().__init__(f"{what} needs the extra '{extra}': pip install 'geo-service[{extra}]'")
        self.extra = extra


class FindingsError(InputError):
    """An input has errors: nothing was computed or written.

    Args:
        findings: All findings, errors and warnings, in the order they were found.
    """

    def __init__(self, findings: Findings) -> None:
        """Keep every finding and say the first error."""
        errors = findings.errors
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{errors[0]}{more}")
        self.findings = findings
