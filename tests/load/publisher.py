"""Publishes a variant each few seconds until it is ended: `python -m tests.load.publisher STORE LEDGER SECONDS`."""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from geo_service.release.folder_store import FolderStore
from geo_service.settings import ReleaseSettings
from tests.load.variants import Ledger, publish

if __name__ == "__main__":
    directory, ledger, seconds = Path(sys.argv[1]), Ledger(Path(sys.argv[2])), float(sys.argv[3])
    for variant in itertools.count(1):
        begun = time.monotonic()
        publish(directory, variant, ledger)
        # Old ones go, as they would in an office; those that are read stay.
        FolderStore(ReleaseSettings(directory=directory)).prune(keep=4)
        time.sleep(max(0.0, seconds - (time.monotonic() - begun)))
