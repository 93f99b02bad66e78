"""A phone with ODK Collect, as far as a form can tell: its engine, which pyxform brings along to check forms with."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pyxform
from conftest import skip_or_fail

ENGINE = Path(pyxform.__file__).parent / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"


class OdkPhone:
    """Answers questions of one form after the other and says what the phone says: `OK`, `REQUIRED_BUT_EMPTY` or `CONSTRAINT_VIOLATED`."""

    def __init__(self) -> None:
        java = shutil.which("java")
        if java is None or shutil.which("javac") is None:
            skip_or_fail("java", "there is no Java development kit on PATH to run the engine of ODK with")
        if not ENGINE.is_file():
            skip_or_fail("java", "this pyxform has no engine of ODK")
        source = Path(__file__).with_name("OdkPhone.java")
        self._process = subprocess.Popen(
            [java, "-cp", str(ENGINE), str(source)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    def close(self):
        self._process.communicate()

    def open(self, xform: Path):
        self._say("open", xform)

    def integer(self, path, value):
        return self._say("integer", path, value)

    def text(self, path, value):
        return self._say("text", path, value)

    def date(self, path, value):
        return self._say("date", path, value)

    def remove(self, row):
        self._say("remove", row)

    def send(self):
        """`SENT`, or why not and at which question."""
        return self._say("send").replace("[1]", "")

    def _say(self, *words):
        print(*words, file=self._process.stdin, flush=True)
        said = self._process.stdout.readline().strip()
        assert said, f"the phone did not take {words}"
        return said
