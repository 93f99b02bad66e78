"""Make the pictures of the README: `python docs/images/make.py`, with the districts of ../shared/data or of GEO_SERVICE_TEST_DATA."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
SET = "kaz-adm2-geokz"
DATA = Path(os.environ.get("GEO_SERVICE_TEST_DATA", ROOT.parent / "shared" / "data")) / "kaz_boundaries_geokz"
PICTURES = {
    "hospital-gaps-reported-by-district.png": "communities-without-a-hospital.png",
    "labour-migrants-by-district.png": "labour-migrants-by-district.png",
}
WIDTH = 1400


def main() -> None:
    """Run the demonstration with districts, and take its pictures."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        environment = os.environ | {"GEO_SERVICE_BOUNDARIES_DIRECTORY": str(work / "sets")}
        sources = work / "sources.toml"
        text = (ROOT / "boundaries" / "sources.toml").read_text(encoding="utf-8")
        published = text.split("/inst/shape/kaz_admbnda_adm2")[0].rpartition('"')[2] + "/inst/shape"
        sources.write_text(text.replace(published, DATA.as_uri()), encoding="utf-8")
        for arguments in (
            ["boundaries", "fetch", SET, "--sources", str(sources)],
            ["demo", "-o", str(work / "out"), "--boundaries", SET],
        ):
            command = [str(Path(sys.executable).with_name("geo-service")), *arguments]
            subprocess.run(command, check=True, env=environment)  # noqa: S603 - our own command
        for name, picture in PICTURES.items():
            with Image.open(work / "out" / "maps" / "en" / name) as image:
                small = image.convert("RGB").resize((WIDTH, WIDTH * image.height // image.width))
                small.quantize(128).save(HERE / picture, optimize=True)


if __name__ == "__main__":
    main()
