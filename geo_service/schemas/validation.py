"""A frame held against its schema, with one clear message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandera.errors

from geo_service.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

__all__ = ["validated"]


def validated(frame: pd.DataFrame, schema: pa.DataFrameSchema, name: str) -> pd.DataFrame:
    """`frame` itself when it fits `schema`.

    Args:
        frame: Any frame of this room.
        schema: A schema of this room.
        name: What the caller calls the frame, for the message.

    Raises:
        InputError: It does not fit; the message names the first column and value that do not.
    """
    try:
        schema.validate(frame, lazy=False)
    except pandera.errors.SchemaError as error:
        raise InputError(f"{name}: {error.args[0]}") from error
    return frame
