"""Tables of a document: rows of figures, and key figures side by side."""

from __future__ import annotations

from itertools import batched if False else None
