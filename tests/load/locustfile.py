"""What the clients ask, and how each answer is checked against the release that it says it is of."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import sqlite3
import sys
import tempfile
import time
import zlib
from pathlib import Path

from locust import FastHttpUser, between, events, task

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import mapbox_vector_tile  # noqa: E402
import pandas as pd  # noqa: E402

from tests.load.variants import Ledger, variant_round  # noqa: E402

LEDGER = Ledger(Path(os.environ["LOAD_LEDGER"]))
KILLS = Path(os.environ["LOAD_KILLS"])
CUT_OFF = (zlib.error, json.JSONDecodeError, EOFError)
"""What an answer whose connection broke in the middle looks like to this client."""
AFTER_A_KILL_S = 5.0
"""How long after a worker was killed a connection of its may be found broken."""

BASE = variant_round(0).villages.set_index("village_id")
HOUSEHOLDS = {name: int(value) for name, value in BASE["households"].dropna().items()}
REGION_OF = BASE["adm1_pcode"].dropna().to_dict()


class WrongError(AssertionError):
    """An answer that is not that of its release."""


def expected(village: str, variant: int) -> int | None:
    return HOUSEHOLDS[village] + variant if village in HOUSEHOLDS else None


def check_villages(rows: list[dict], variant: int, *, whole: bool = False) -> None:
    for row in rows:
        if row["households"] != expected(row["village_id"], variant):
            raise WrongError(f"{row['village_id']} has {row['households']} in variant {variant}")
    if whole and len(rows) != len(BASE):
        raise WrongError(f"{len(rows)} villages instead of {len(BASE)}")


class Client(FastHttpUser):
    wait_time = between(0.0, 0.02)
    connection_timeout = 30.0
    network_timeout = 60.0

    def ask(self, url, check, name, **options):
        with self.client.get(url, name=name, catch_response=True, **options) as answer:
            if answer.status_code == 0 and was_killed():
                # The connection of a worker that was killed.
                answer.success()
                BROKEN.append(time.time())
                return None
            if answer.status_code != 200:
                answer.failure(f"{answer.status_code}: {answer.text[:300]}")
                return None
            try:
                result = check(answer)
            except CUT_OFF as error:
                if was_killed():
                    answer.success()
                    BROKEN.append(time.time())
                    return None
                answer.failure(f"cut off: {type(error).__name__}: {error}")
                return None
            except Exception as error:
                answer.failure(f"wrong answer: {type(error).__name__}: {error}")
                raise
            answer.success()
            CHECKED[name] = CHECKED.get(name, 0) + 1
            return result

    @task(6)
    def pages(self):
        """All pages of the villages, from first to last of one release, however many are published meanwhile."""
        url, rows, variants = "/ogc/collections/villages/items?limit=40", [], set()

        def page(answer):
            content = answer.json()
            variants.add(LEDGER.variant(answer.headers["X-Release"]))
            rows.extend(one["properties"] | {"village_id": one["id"]} for one in content["features"])
            if len(variants) != 1:
                raise WrongError(f"pages of {len(variants)} releases")
            return next((one["href"] for one in content["links"] if one["rel"] == "next"), "")

        while url:
            url = self.ask(url, page, "pages")
            if url is None:
                return
        check_villages(rows, variants.pop(), whole=True)

    @task(4)
    def filtered(self):
        least = random.randint(50, 300)

        def check(answer):
            content = answer.json()
            variant = LEDGER.variant(answer.headers["X-Release"])
            want = sum(value + variant > least for value in HOUSEHOLDS.values())
            if content["numberMatched"] != want:
                raise WrongError(f"{content['numberMatched']} matched instead of {want}")
            check_villages([one["properties"] for one in content["features"]], variant)

        self.ask(
            f"/ogc/collections/villages/items?limit=25&filter=households%20%3E%20{least}", check, "filter"
        )

    @task(4)
    def one(self):
        village = random.choice(list(HOUSEHOLDS))

        def check(answer):
            variant = LEDGER.variant(answer.headers["X-Release"])
            check_villages([answer.json()["properties"]], variant)

        self.ask(f"/ogc/collections/villages/items/{village}", check, "feature")

    @task(3)
    def tile(self):
        def check(answer):
            variant = LEDGER.variant(answer.headers["X-Release"])
            content = mapbox_vector_tile.decode(answer.content)
            rows = [one["properties"] for layer in content.values() for one in layer["features"]]
            check_villages([{"households": None} | one for one in rows], variant)
            if not rows:
                raise WrongError("an empty tile")

        self.ask("/ogc/collections/villages/tiles/WebMercatorQuad/3/2/5", check, "tile")

    @task(4)
    def gaps(self):
        def check(answer):
            content = answer.json()
            check_villages(content["rows"], LEDGER.variant(content["about"]["release"]))
            if not content["rows"]:
                raise WrongError("no community without a hospital")

        self.ask("/access/gaps?service=hospital&basis=measured&limit=200", check, "gaps")

    @task(3)
    def coverage(self):
        def check(answer):
            content = answer.json()
            variant = LEDGER.variant(content["about"]["release"])
            want: dict[str, int] = {}
            for village, region in REGION_OF.items():
                want[region] = want.get(region, 0) + (expected(village, variant) or 0)
            found = {row["pcode"]: row["households"] for row in content["rows"] if row["pcode"]}
            if found != want:
                raise WrongError(f"{found} instead of {want}")

        self.ask("/coverage/assessment?by=region", check, "assessment")

    @task(2)
    def table(self):
        def check(answer):
            variant = LEDGER.variant(answer.headers["X-Release"])
            rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
            check_villages(
                [one | {"households": int(one["households"]) if one["households"] else None} for one in rows],
                variant,
                whole=True,
            )

        self.ask("/ogc/collections/villages/items?f=csv", check, "csv")

    @task(1)
    def package(self):
        def check(answer):
            variant = LEDGER.variant(answer.headers["X-Release"])
            with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
                file.write(answer.content)
                file.flush()
                with sqlite3.connect(file.name) as database:
                    frame = pd.read_sql("SELECT village_id, households FROM villages", database)
            rows = [
                {"village_id": one, "households": None if pd.isna(count) else int(count)}
                for one, count in frame.itertuples(index=False)
            ]
            check_villages(rows, variant, whole=True)

        self.ask("/ogc/collections/villages/items?f=gpkg", check, "gpkg")

    @task(2)
    def nearest(self):
        def check(answer):
            content = answer.json()
            LEDGER.variant(content["about"]["release"])
            distances = [one["distance_m"] for one in content["rows"]]
            if len(distances) != 3 or distances != sorted(distances):
                raise WrongError(f"distances {distances}")

        self.ask("/access/nearest?lon=68.2&lat=47.1&service=hospital&k=3", check, "nearest")

    @task(3)
    def again(self):
        """With the ETag of before: either nothing changed, or a newer release answers."""
        url = "/ogc/collections/villages/items?limit=10"
        headers = {"If-None-Match": self.tag} if getattr(self, "tag", None) else {}
        with self.client.get(url, name="conditional", headers=headers, catch_response=True) as answer:
            if answer.status_code == 304 and answer.headers["ETag"] == self.tag:
                answer.success()
            elif answer.status_code == 200:
                check_villages(
                    [one["properties"] for one in answer.json()["features"]],
                    LEDGER.variant(answer.headers["X-Release"]),
                )
                self.tag = answer.headers["ETag"]
                answer.success()
            elif answer.status_code == 0 and was_killed():
                BROKEN.append(time.time())
                answer.success()
            else:
                answer.failure(f"{answer.status_code}: {answer.text[:300]}")


CHECKED: dict[str, int] = {}
BROKEN: list[float] = []


def was_killed() -> bool:
    """Whether a worker was killed a moment ago."""
    kills = [float(line) for line in KILLS.read_text().splitlines()] if KILLS.exists() else []
    return any(0 <= time.time() - one <= AFTER_A_KILL_S for one in kills)


@events.quitting.add_listener
def tell(environment, **_):
    told = {
        "checked": CHECKED,
        "broken by kills": len(BROKEN),
        "failures": environment.stats.total.num_failures,
    }
    Path(os.environ["LOAD_TOLD"]).write_text(json.dumps(told))
    environment.process_exit_code = 1 if environment.stats.total.num_failures else 0
