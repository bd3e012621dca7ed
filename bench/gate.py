"""How well the gate for personal data finds individuals, and lets trends pass."""

import time
from collections.abc import Sequence

from api.apertium import is_installed
from api.gate import Gate, found_gate
from bench.bed import Bed
from bench.figures import ROUNDS, Aim, Figure
from bench.gate_later import LATER_INDIVIDUALS, LATER_TRENDS
from bench.gate_sentences import HARD_INDIVIDUALS, HARD_TRENDS, INDIVIDUALS, TRENDS

PLACES = frozenset({"Ungdomsteam vestre Bærum", "Politirådet", "Veiledningssenter Asker og Bærum"})
"""Names of organs, as a municipality has them."""


def run(_bed: Bed) -> list[Figure]:
    """Precision and recall, on what the rules were tuned on and on what was held out."""
    gates = [Gate()]
    if is_installed():
        gates.insert(0, found_gate())
    figures = [one for gate in gates for one in _of(gate)]
    for gate in gates:
        gate.close()
    return figures


def _of(gate: Gate) -> list[Figure]:
    aimed = gate.name == "apertium"
    figures = _measured(gate, "tuning", TRENDS[::2], INDIVIDUALS[::2], aimed=aimed)
    figures += _measured(gate, "held out", TRENDS[1::2], INDIVIDUALS[1::2], aimed=aimed)
    figures += _measured(
        gate, "later, tuning", LATER_TRENDS[::2], LATER_INDIVIDUALS[::2], aimed=aimed
    )
    figures += _measured(
        gate, "later, held out", LATER_TRENDS[1::2], LATER_INDIVIDUALS[1::2], aimed=aimed
    )
    figures += _measured(gate, "hard", HARD_TRENDS, HARD_INDIVIDUALS, aimed=False)
    began = time.perf_counter()
    for _ in range(ROUNDS):
        stopped(gate, TRENDS)
    each = (time.perf_counter() - began) / ROUNDS / len(TRENDS) * 1000
    return [*figures, Figure(f"gate, {gate.name}: one text", each, "ms")]


def _measured(
    gate: Gate, part: str, trends: Sequence[str], individuals: Sequence[str], *, aimed: bool
) -> list[Figure]:
    wrong, right = len(stopped(gate, trends)), len(stopped(gate, individuals))
    called = f"gate, {gate.name}, {part}: "
    precision = right / (right + wrong) if right else 0.0
    aims = (Aim(at_least=0.97), Aim(at_least=0.90)) if aimed else (None, None)
    return [
        Figure(called + "precision", precision, "", aim=aims[0]),
        Figure(called + "recall", right / len(individuals), "", aim=aims[1]),
    ]


def stopped(gate: Gate, sentences: Sequence[str]) -> list[str]:
    """Those that are stopped or asked about."""
    return [one for one in sentences if gate.look({"text": one}, PLACES)]
