"""Debian's `apertium-nno-nob` as a program beside ours: what it says that words can be."""

import os
import re
import select
import shutil
import subprocess
import time
from pathlib import Path
from threading import Lock

from domain.names import Reading, Readings

DICTIONARIES = (
    Path("/usr/share/apertium/apertium-nno-nob/nob-nno.automorf.bin"),
    Path("/usr/share/apertium/apertium-nno-nob/nno-nob.automorf.bin"),
)
"""Of bokmål and of nynorsk."""
REMEMBERED = 20_000
"""Words that need not be asked about again: a few thousand make up most of what is written."""
PATIENCE = 2.0
"""Seconds that an answer may take."""
AT_ONCE = 500
"""Words in one question: their answers always fit through a pipe."""
_ANSWER = re.compile(r"\^([^/^$]*)/([^^$]*)\$")
_SAFE = re.compile("[A-Za-zÀ-ÖØ-öø-ɏ]{1,60}")
"""Words of Latin letters: it knows no others, and none of these is markup to it."""
_READINGS = {"ant": Reading.GIVEN, "cog": Reading.SURNAME, "top": Reading.PLACE,
             "loc": Reading.PLACE}  # fmt: skip


class AnalyserFailed(Exception):
    """The program that knows Norwegian words does not answer."""


def is_installed() -> bool:
    return shutil.which("lt-proc") is not None and all(file.exists() for file in DICTIONARIES)


class Analyser:
    """One `lt-proc` over one dictionary, started at the first question and again after a failure.

    It is asked for words of Latin letters alone, with a semicolon between them, so that nothing
    that somebody types is markup to it.
    """

    def __init__(self, command: tuple[str, ...], patience: float = PATIENCE) -> None:
        self._command = command
        self._patience = patience
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, words: list[str]) -> dict[str, frozenset[Reading]]:
        """What each of *words* can be. Refuses with `AnalyserFailed`, in time."""
        with self._lock:
            try:
                found: dict[str, frozenset[Reading]] = {}
                for begin in range(0, len(words), AT_ONCE):
                    found |= self._ask(words[begin : begin + AT_ONCE])
            except (OSError, ValueError) as error:
                self._end()
                raise AnalyserFailed from error
            except AnalyserFailed:
                self._end()
                raise
            return found

    def close(self) -> None:
        with self._lock:
            self._end()

    def _ask(self, words: list[str]) -> dict[str, frozenset[Reading]]:
        process = self._running()
        assert process.stdin is not None  # noqa: S101 - it was made with pipes
        process.stdin.write("".join(f"{word} ;\n" for word in words).encode() + b"\x00\n")
        process.stdin.flush()
        answers = [one for one in _ANSWER.findall(self._heard(process)) if one[0] != ";"]
        if [written for written, _ in answers] != words:
            raise AnalyserFailed
        return {word: _of(said) for word, (_, said) in zip(words, answers, strict=True)}

    def _heard(self, process: subprocess.Popen[bytes]) -> str:
        """What it says until the NUL that ends an answer."""
        assert process.stdout is not None  # noqa: S101 - it was made with pipes
        until, heard = time.monotonic() + self._patience, b""
        pipe = process.stdout.fileno()
        while not heard.endswith(b"\x00"):
            left = until - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                raise AnalyserFailed
            more = os.read(pipe, 65_536)
            if not more:
                raise AnalyserFailed
            heard += more
        return heard.decode()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(  # noqa: S603 - a fixed command, no shell
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


class Apertium:
    """Both dictionaries: what either of them says that a word can be."""

    def __init__(self, *analysers: Analyser) -> None:
        self._analysers = analysers or tuple(
            Analyser(("lt-proc", "-z", str(file))) for file in DICTIONARIES
        )
        self._known: dict[str, frozenset[Reading]] = {}
        """Of words that stand in a dictionary, and of no others: what else somebody types may be
        anything."""

    def __call__(self, words: frozenset[str]) -> Readings:
        safe = {word for word in words if _SAFE.fullmatch(word)}
        known = {word: self._known[word] for word in safe if word in self._known}
        asked = sorted(safe - known.keys())
        found = [analyser.read(asked) for analyser in self._analysers] if asked else []
        together = {
            word: frozenset[Reading]().union(*(one[word] for one in found)) for word in asked
        }
        new = {word: readings for word, readings in together.items() if readings}
        if len(self._known) < REMEMBERED:
            self._known |= new
        return known | new

    def close(self) -> None:
        for analyser in self._analysers:
            analyser.close()


def _of(said: str) -> frozenset[Reading]:
    """Of the analyses of one word, `lemma<tag><tag>/lemma<tag>`; an unknown one begins with *."""
    found: set[Reading] = set()
    for analysis in said.split("/"):
        lemma, _, tags = analysis.partition("<")
        if lemma.startswith("*") or not tags:
            continue
        named = tags.rstrip(">").split("><")
        if named[0] == "np":
            found.add(_READINGS.get(named[1] if len(named) > 1 else "", Reading.OTHER_NAME))
        else:
            found.add(Reading.WORD)
    return frozenset(found)
