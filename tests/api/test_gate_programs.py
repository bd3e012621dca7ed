"""The programs and lists that the gate asks: Apertium where it is installed, else our own list."""

import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import name_list
from api.apertium import Analyser, AnalyserFailed, Apertium, is_installed
from api.gate import Gate, GateBroken, found_gate
from bench.gate import stopped
from bench.gate_later import LATER_INDIVIDUALS, LATER_TRENDS
from bench.gate_sentences import INDIVIDUALS, TRENDS
from domain.names import Reading

WITH_APERTIUM = pytest.mark.skipif(
    not is_installed(), reason="apertium-nno-nob and lttoolbox are not installed here"
)
HOSTILE = (
    "^Kari/Kari<np><ant><f>$ [<b>] \\^ @ { } / $",
    "Kari\x01\x7f\u2028 ^;/;<sent>$",
    "\\\\\\[\\]^^^$$$///" * 500,
    "Kari " * 4000,
    "x" * 20_000,
    "A-" * 10_000,
    "🙂 ﷺ ǅ ß İ Kari ﬁ",
)


@pytest.fixture(scope="module", params=["name list", pytest.param("apertium", marks=WITH_APERTIUM)])
def gate(request: pytest.FixtureRequest) -> Iterator[Gate]:
    made = found_gate() if request.param == "apertium" else Gate()
    assert made.name == request.param
    yield made
    made.close()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_looked_at_like_any_other(gate: Gate, text: str) -> None:
    gate.look({"text": text}, frozenset())
    found = gate.look({"text": f"{text} Snakket med Kari Nordmann."}, frozenset())
    assert "name" in {span.kind.value for span in found["text"].spans}


@pytest.mark.parametrize(
    ("trends", "individuals", "precision"),
    [(TRENDS, INDIVIDUALS, 0.97), (LATER_TRENDS, LATER_INDIVIDUALS, 0.95)],
    ids=["first", "later"],
)
def test_most_individuals_are_found_and_trends_pass(
    gate: Gate, trends: tuple[str, ...], individuals: tuple[str, ...], precision: float
) -> None:
    right, wrong = len(stopped(gate, individuals)), len(stopped(gate, trends))
    assert right / (right + wrong) >= precision
    assert right / len(individuals) >= 0.90


@pytest.mark.parametrize(
    "text",
    ["Ring 116 111", "Ring 02800", "Ring 112", "Ring 800 33 321", "Kl. 21.30-22.00 22.11.2026"],
)  # fmt: skip
def test_public_numbers_may_stand(gate: Gate, text: str) -> None:
    assert gate.look({"text": text}, frozenset()) == {}


@pytest.mark.parametrize(
    "text", ["Ring 412 34 567", "tlf +47 95123456", "Ring 22 33 44 55", "+46 70 123 45 67"]
)
def test_phone_numbers_are_found(gate: Gate, text: str) -> None:
    assert [s.kind.value for s in gate.look({"t": text}, frozenset())["t"].spans] == ["phone"]


@given(text=st.text(max_size=200))
def test_no_text_breaks_it(gate: Gate, text: str) -> None:
    for findings in gate.look({"text": text}, frozenset()).values():
        assert all(0 <= s.start < s.end <= len(text) for s in findings.spans)


def test_a_name_that_opens_a_sentence_is_found_by_either(gate: Gate) -> None:
    """A dictionary finds a word in most names, and a capital says nothing there."""
    missed = [
        name
        for name in sorted(name_list.GIVEN)
        for surname in ("Hansen", "Lund", "Zdravkovic")
        if not stopped(gate, [f"{name} {surname} slo en elev."])
    ]
    assert missed == []


def test_a_name_that_is_hardly_a_word_is_found_by_itself(gate: Gate) -> None:
    given = name_list.GIVEN & name_list.SURE
    assert [name for name in sorted(given) if not stopped(gate, [f"{name} kom ikke i dag."])] == []


@pytest.mark.parametrize(
    "text",
    ["Noko anna enn i fjor.", "Mange unge på kaia.", "Vi må endre rutinene.", "Vi må helge oss.",
     "Kaia er stengd for trafikk.", "Endre rutinene før vinteren."],
)  # fmt: skip
def test_words_that_are_names_too_pass(gate: Gate, text: str) -> None:
    assert stopped(gate, [text]) == []


@WITH_APERTIUM
def test_apertium_tells_names_from_words() -> None:
    apertium = Apertium()
    read = apertium(frozenset({"Kari", "Hansen", "Sandvika", "skule", "Xyzzyplugh"}))
    assert Reading.GIVEN in read["Kari"]
    assert read["Hansen"] == {Reading.SURNAME}
    assert read["Sandvika"] == {Reading.PLACE}
    assert read["skule"] == {Reading.WORD}
    assert "Xyzzyplugh" not in read
    apertium.close()


def test_the_list_knows_a_name_that_is_a_word_too() -> None:
    read = name_list.readings(frozenset({"Bjørn", "bjørn", "Hansen", "skule"}))
    assert read == {
        "Bjørn": {Reading.GIVEN}, "bjørn": {Reading.WORD}, "Hansen": {Reading.SURNAME},
    }  # fmt: skip


def answering(script: str, patience: float = 5) -> Analyser:
    return Analyser((sys.executable, "-c", script), patience)


@pytest.mark.parametrize(
    "analyser",
    [
        answering("import time; time.sleep(60)", 0.3),
        answering("raise SystemExit(1)"),
        answering("print('^other/other<n>$\\0', end='', flush=True); input()"),
        answering("import os; os.write(1, b'\\xff\\xfe\\0'); input()"),
        Analyser(("/no/such/program",)),
    ],
    ids=["silent", "gone", "another's answer", "no UTF-8", "missing"],
)  # fmt: skip
def test_a_program_that_fails_fails_in_time_and_closes_the_gate(analyser: Analyser) -> None:
    began = time.monotonic()
    with pytest.raises(AnalyserFailed):
        analyser.read(["Kari"])
    with pytest.raises(GateBroken):
        Gate("apertium", Apertium(analyser)).look({"text": "Kari"}, frozenset())
    assert time.monotonic() - began < 30
    analyser.close()


@WITH_APERTIUM
def test_a_program_that_was_killed_is_started_again() -> None:
    apertium = Apertium()
    assert apertium(frozenset({"Kari"}))
    for analyser in apertium._analysers:
        assert analyser._process is not None
        analyser._process.kill()
        analyser._process.wait()
    assert apertium(frozenset({"Hansen"}))
    apertium.close()


@WITH_APERTIUM
def test_only_words_of_a_dictionary_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    apertium, asked = Apertium(), list[str]()
    first = apertium(frozenset({"skule", "Xyzzyplugh"}))
    read = Analyser.read

    def listened(self: Analyser, words: list[str]) -> dict[str, frozenset[Reading]]:
        asked.extend(words)
        return read(self, words)

    monkeypatch.setattr(Analyser, "read", listened)
    again = apertium(frozenset({"skule", "Xyzzyplugh"}))
    assert again == first == {"skule": {Reading.WORD}}
    assert set(asked) == {"Xyzzyplugh"}
    apertium.close()
