"""The steps of a case's life: each decision with the facts that it usually has.

`discussed()` is a discussion as it usually goes; `discussed(conclusion=...)` differs in that one
fact. Numbers go first: `accepted(1)` is of the first assignment.
"""

from collections.abc import Callable
from datetime import date

from domain.case import Case
from domain.event import Event
from domain.terms import (
    Conclusion,
    Effect,
    LegalBasis,
    LinkKind,
    Outcome,
    PreventionLevel,
    ReferralReason,
    Why,
)
from domain.topology import OutsidePlace
from tests.domain.scenario import CASE, COORDINATOR, MEMBER, MONDAY, OTHER_CASE, TUESDAY, words
from tests.domain.topologies import BAERUM, GROUP, OUTREACH, TEAM

CaseStep = Callable[[Case], Event]

TITLE = words("Salg av e-sigaretter")
SUMMARY = words("Flere skoler ser det samme")
DECISION = words("Fritidsklubbene holder åpent lenger")
REASON = words("Det gjelder hele kommunen")
TRIED = words("Samtaler med butikkene")
EXPECTATION = words("Kartlegg omfanget")
MESSAGE = words("Gruppen har bedt om en kartlegging")
PLENTY_OF_TIME = date(2016, 12, 1)


def raised(of: str = CASE, **facts: object) -> Callable[[None], Event]:
    usual = {"raised_by": TEAM, "title": TITLE, "topology": BAERUM, "by": MEMBER, "at": MONDAY}
    return lambda _: Case.raise_(of, **(usual | facts))


def _step(name: str, /, **usual: object) -> Callable[..., CaseStep]:
    usual = {"by": COORDINATOR, "at": TUESDAY} | usual

    def build(*numbers: int, **facts: object) -> CaseStep:
        return lambda case: getattr(case, name)(*numbers, **(usual | facts))

    return build


discussed = _step("discuss", summary=SUMMARY, conclusion=Conclusion.CONTINUE)
decided = _step("discuss", summary=SUMMARY, conclusion=Conclusion.DECIDED, decision=DECISION)
lifted = _step("escalate", to=GROUP, why=Why.CANNOT, reason=REASON, tried=TRIED, topology=BAERUM)
returned = _step("return_", to=TEAM, expectation=EXPECTATION, topology=BAERUM)
referred = _step(
    "refer", to=OutsidePlace.POLICE, reason_code=ReferralReason.LEGAL_DUTY, topology=BAERUM
)
assigned = _step(
    "assign", service=OUTREACH, expectation=EXPECTATION, due_on=PLENTY_OF_TIME, topology=BAERUM
)
accepted = _step("accept")
declined = _step("decline", reason=REASON)
completed = _step("complete", report=words("Kartlagt"))
passed_on = _step("pass_on", to="p-1", seated=frozenset({"p-1", "p-2"}))
measure_started = _step(
    "start_measure",
    title=words("Åpen hall"),
    prevention_level=PreventionLevel.UNIVERSAL,
    expected_effect=words("Færre henger på senteret"),
    evaluate_on=PLENTY_OF_TIME,
    topology=BAERUM,
)
measure_evaluated = _step("evaluate_measure", effect=Effect.PARTLY, note=words("Litt roligere"))
noted = _step("note", text=words("Møte avtalt"))
answered = _step("answer", to=TEAM, message=MESSAGE)
acknowledged = _step("acknowledge")
closed = _step("close", outcome=Outcome.RESOLVED, reason=REASON)
reopened = _step("reopen", reason=REASON)
reclassified = _step(
    "reclassify",
    themes=("rus",),
    focus_area=None,
    prevention_level=None,
    reason=REASON,
    topology=BAERUM,
)
linked = _step("link", other=OTHER_CASE, kind=LinkKind.RELATES)
erased = _step(
    "erase",
    text_id=TITLE.id,
    legal_basis=LegalBasis.CONFIDENTIALITY,
    reason=REASON,
    asked_by="coordinator",
)
restricted = _step("restrict", people=("p-1",), reason=REASON)
restriction_lifted = _step("lift_restriction", reason=REASON)
glass_broken = _step("break_glass", reason=REASON)
paused = _step("pause", reason=REASON)
resumed = _step("resume", reason=REASON)


def corrected(version: int, **facts: object) -> CaseStep:
    """A correction of the entry that is *version* of the case, ten times as far in the ledger."""
    usual = {"correction": words("Det var i østre Bærum"), "reason": REASON}
    place = {"position": 10 * version, "corrects": version}
    return _step("correct", **usual, **place)(**facts)


def logged(step: CaseStep, meeting: str = "meeting:1", item: int = 1) -> CaseStep:
    """The same step, logged in a meeting."""
    return lambda case: step(case).model_copy(update={"meeting": meeting, "item": item})


def withdrawn(version: int, **facts: object) -> CaseStep:
    """The entry that is *version* of the case is taken back in the meeting that it was logged in,
    ten times as far in the ledger."""
    place = {"position": 10 * version, "withdraws": version}
    return _step("withdraw", meeting="meeting:1", **place)(**facts)


def undone(version: int, **facts: object) -> CaseStep:
    """A reversal of the entry that is *version* of the case, ten times as far in the ledger."""
    return _step("reverse", position=10 * version, reverses=version, reason=REASON)(**facts)
