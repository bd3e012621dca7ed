"""Every rule that says no, through the door: its problem, its sentence, and nothing changes."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from domain import errors
from domain.errors import Invalid, Refusal
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.story import BOARD, BODIES, GROUP, OTHER_TEAM, TEAM, Story
from tests.conftest import Client

NOT_FOUND = {errors.AssignmentUnknown, errors.MeasureUnknown, errors.AnswerUnknown,
             errors.SeatUnknown, errors.StreamUnknown}  # fmt: skip
IN_A_MEETING = (
    errors.MeetingLiesAhead, errors.MeetingIsClosed, errors.MeetingIsNotClosed,
    errors.MeetingIsCancelled, errors.MeetingHasBegun, errors.NothingWaits, errors.ItemUnknown,
    errors.ItemAboutNothing, errors.OnTheAgendaAlready, errors.OrderIncomplete,
    errors.ItemIsPostponed, errors.ItemAboutAnother, errors.GuestAdmittedAlready,
    errors.MinutesApprovedAlready, errors.NotALaterMeeting, errors.NotLoggedHere,
    errors.MergeNotWithdrawn, errors.QuorumImpossible,
)  # fmt: skip
OF_AN_ORDER = (
    errors.BeforeTheOrder, errors.OnlyTheBoardOrTheGroupOrders, errors.OrderedFromItself,
    errors.MandateMissing, errors.MandateUnwanted, errors.MappingTooShort,
    errors.ActionPlanMissing, errors.ActionPlanUnwanted, errors.OrderAcceptedAlready,
    errors.OrderedFromAnother, errors.NotYourOrder, errors.OrderIsDelivered,
    errors.OrderIsNotDelivered, errors.OrderIsEnded, errors.StepUnknown,
    errors.StepTakenAlready, errors.NoSeatThere,
)  # fmt: skip
OF_A_POLICY = (
    errors.DaysImpossible, errors.WarningTooEarly, errors.ClosedStandsForEver, errors.StandingTwice,
    errors.ThresholdTooLow,
)  # fmt: skip
OF_A_YEAR = (
    errors.FeedbackEmpty, errors.YearLiesAhead, errors.YearIsNotOver, errors.AnnualReportIsFrozen,
)  # fmt: skip
OF_A_DEADLINE = (errors.DeadlineUnknown, errors.DeadlineNotReached, errors.DeadlineNoticed)
ELSEWHERE = {
    **dict.fromkeys(OF_AN_ORDER, "test_orders.py, test_work.py"),
    **dict.fromkeys(IN_A_MEETING, "test_meetings.py, test_agendas.py, test_minutes.py, …"),
    errors.StaleVersion: "test_bad_input.py",
    errors.VersionUnsaid: "test_meetings.py",
    errors.MeetingEndsTooSoon: "tests/domain/test_meeting.py",
    errors.ItemIsNotPostponed: "tests/domain/test_items.py",
    errors.NothingToLift: "tests/domain/test_items.py",
    errors.NotAGuest: "tests/domain/test_items.py",
    **dict.fromkeys(OF_A_POLICY, "tests/domain/test_municipality.py, test_deadlines.py"),
    **dict.fromkeys(OF_A_YEAR, "test_annual.py, tests/domain/test_annual_report.py"),
    **dict.fromkeys(OF_A_DEADLINE, "tests/domain/test_deadlines.py: no door leads to them"),
    errors.OrganIsDissolved: "test_structure.py",
    errors.ServiceIsMerged: "test_structure.py",
    errors.OrganExists: "test_structure.py",
    errors.ServiceExists: "test_structure.py",
    errors.SeatUnknown: "test_structure.py",
    errors.SeatLeftAlready: "test_structure.py",
    errors.GuestWithoutADay: "test_seats.py",
    errors.MembersHaveSeats: "test_seats.py",
    errors.ConfidentialityTextReplaced: "test_seats.py",
    errors.OnlyThePersonConfirms: "no door confirms for another",
    errors.CadenceImpossible: "test_structure.py",
    errors.PeriodTurnedRound: "test_plan.py",
    errors.OnlyTheBoardSets: "test_plan.py",
    errors.FocusAreaExists: "test_plan.py",
    errors.MergeTargetClosed: "test_merging.py",
    errors.ReasonMissing: "no door leaves a reason out",
    errors.SummaryMissing: "no door leaves a summary out",
    errors.MeasuresUnevaluated: "no door closes without a reason",
    errors.OnlyACoordinatorLifts: "no door lets another role lift",
    errors.MunicipalityExists: "registered by the import alone",
    errors.SummaryMissing: "no door leaves a summary out",
    errors.TextUnknown: "test_erasures.py",
    errors.NothingLost: "no door accepts a loss: the command line does",
}


@dataclass(frozen=True)
class No:
    """*error* is what *step* is refused with, after *steps*."""

    error: type[Refusal]
    step: str
    changes: dict[str, Any] = field(default_factory=dict)
    steps: tuple[str, ...] = ()

    @property
    def problem(self) -> tuple[int, str]:
        if self.error in NOT_FOUND:
            return 404, "not-found"
        return (422, "invalid") if issubclass(self.error, Invalid) else (409, "refused")


LIFTED = ("discussions", "escalations")
GIVEN, MEASURED, TOLD, ENDED = ("assignments",), ("measures",), ("answers",), ("closure",)
DECIDED = {"conclusion": "decided"}
PAST, FUTURE = "1999-01-01T00:00:00Z", "2199-01-01T00:00:00Z"
REFUSALS = [
    No(errors.InTheFuture, "notes", {"occurred_at": FUTURE}),
    No(errors.BeforeTheCase, "notes", {"occurred_at": PAST}),
    No(errors.OrganUnknown, "notes", {"acting_for": "atlantis"}),
    No(errors.OrganUnknown, "escalations", {"to": "atlantis"}, ("discussions",)),
    No(errors.OrganUnknown, "returns", {"to": "atlantis"}, LIFTED),
    No(errors.ServiceUnknown, "assignments", {"service": "Sjarmørene"}),
    No(errors.ServiceUnknown, "measures", {"service": "Sjarmørene"}),
    No(errors.PlaceUnknown, "referrals", {"to": "atlantis"}),
    No(errors.ThemeUnknown, "reclassification", {"themes": ["astrologi"]}),
    No(errors.FocusAreaUnknown, "reclassification", {"focus_area": "astrologi"}),
    No(errors.DueBeforeItBegan, "assignments", {"due_on": "2020-01-01"}),
    No(errors.DueBeforeItBegan, "measures", {"evaluate_on": "2020-01-01"}),
    No(errors.DecisionWordsMissing, "discussions", DECIDED),
    No(errors.DecisionWordsUnwanted, "discussions", {"decision": "Vi gjør det."}),
    No(errors.MergeTargetMissing, "closure", {"outcome": "merged"}),
    No(errors.CaseIsNotClosed, "reopening"),
    No(errors.NotTheHolder, "discussions", {"acting_for": GROUP}),
    No(errors.LiftNotAllowed, "escalations", {"to": BOARD}, ("discussions",)),
    No(errors.LiftNotAllowed, "escalations", {"to": OTHER_TEAM}, ("discussions",)),
    No(errors.NotDiscussed, "escalations"),
    No(errors.NotDiscussed, "escalations", {"to": BOARD}, LIFTED),
    No(errors.NotBelowNorBefore, "returns", {"to": GROUP}),
    No(errors.AlreadyThere, "returns", {"to": TEAM}),
    No(errors.AlreadyThere, "escalations", {"to": TEAM}, ("discussions",)),
    No(errors.AlreadyThere, "referrals", {"to": TEAM}),
    No(errors.AssignmentUnknown, "assignments/2/acceptance", {}, GIVEN),
    No(errors.AssignmentUnknown, "assignments/1/refusal"),
    No(errors.AssignmentAnswered, "assignments/1/acceptance", {},
       (*GIVEN, "assignments/1/acceptance")),
    No(errors.AssignmentAnswered, "assignments/1/completion", {},
       (*GIVEN, "assignments/1/refusal")),
    No(errors.AssignmentAnswered, "assignments/1/refusal", {},
       (*GIVEN, "assignments/1/completion")),
    No(errors.MeasureUnknown, "measures/1/evaluation"),
    No(errors.MeasureEvaluatedAlready, "measures/1/evaluation", {},
       (*MEASURED, "measures/1/evaluation")),
    No(errors.MeasureWithdrawn, "measures/1/evaluation", {}, (*MEASURED, "reversals")),
    No(errors.AnswerToAStranger, "answers", {"to": OTHER_TEAM}),
    No(errors.AnswerUnknown, "answers/1/acknowledgement"),
    No(errors.AnswerAcknowledgedAlready, "answers/1/acknowledgement", {},
       (*TOLD, "answers/1/acknowledgement")),
    No(errors.NotYourAnswer, "answers/1/acknowledgement", {"acting_for": OTHER_TEAM}, TOLD),
    No(errors.NothingChanged, "reclassification", {}, ("reclassification",)),
    No(errors.EntryUnknown, "corrections", {"position": 1}),
    No(errors.EntryUnknown, "reversals", {"position": 1}),
    No(errors.NotADecision, "reversals"),
    No(errors.ClockPausedAlready, "pause", {}, ("pause",)),
    No(errors.ClockNotPaused, "resumption"),
    No(errors.PersonUnknown, "restriction", {"people": ["kari.nordmann"]}),
    No(errors.NotRestricted, "restriction/lifting"),
    No(errors.NotRestricted, "break-glass"),
    No(errors.OpenAlready, "break-glass", {}, ("restriction",)),
]  # fmt: skip
WHEN_CLOSED = ["discussions", "escalations", "returns", "referrals", "assignments", "measures",
               "notes", "closure", "reclassification", "pause", "resumption"]  # fmt: skip
REFUSALS += [No(errors.CaseIsClosed, step, {}, ENDED) for step in WHEN_CLOSED]
REFUSALS += [
    No(errors.CaseIsClosed, "assignments/1/completion", {}, (*GIVEN, *ENDED)),
    No(errors.CaseIsClosed, "measures/1/evaluation", {}, (*MEASURED, *ENDED)),
]
IN_ITSELF = [errors.SameCase, errors.LinkedAlready, errors.MergeTargetUnwanted,
             errors.ReversedAlready, errors.AgesTurnedRound, errors.StreamUnknown]  # fmt: skip
"""Those that the tests at the end of this file provoke."""


def named(no: No) -> str:
    return f"{no.step}: {no.error.__name__}"


@pytest.mark.parametrize("no", REFUSALS, ids=named)
def test_a_rule_says_no_with_its_sentence(no: No, caseworker: Client) -> None:
    story = Story(caseworker, *no.steps)
    with nothing_changes(caseworker.ledger):
        answer = story.tries(no.step, **no.changes)
    assert_refused(answer, *no.problem, no.error().sentence)


def test_every_refusal_is_provoked_somewhere() -> None:
    here = {no.error for no in REFUSALS} | set(IN_ITSELF)
    every = {e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Refusal)}
    assert here | ELSEWHERE.keys() == every - {Refusal, Invalid}


@pytest.mark.parametrize("step", ["answers", "corrections", "reversals", "links", "reopening"])
def test_a_closed_case_still_takes_this(step: str, caseworker: Client) -> None:
    assert Story(caseworker, *ENDED).tries(step).status_code == 201


def test_an_answer_is_acknowledged_after_closing(caseworker: Client) -> None:
    assert Story(caseworker, *TOLD, *ENDED).tries("answers/1/acknowledgement").status_code == 201


def test_a_case_is_not_linked_to_itself_nor_twice(caseworker: Client) -> None:
    story, other = Story(caseworker), Story(caseworker)
    assert_refused(story.tries("links", other=story.number), 409, "refused", "the same case")
    story.does("links", other=other.number)
    assert_refused(story.tries("links", other=other.number), 409, "refused", "linked in this way")
    assert story.tries("links", other=other.number, kind="duplicates").status_code == 201


def test_only_merging_names_another_case(caseworker: Client) -> None:
    story, other = Story(caseworker), Story(caseworker)
    answer = story.tries("closure", merged_into=other.number)
    assert_refused(answer, 422, "invalid", 'Only the outcome "merged"')


def test_a_decision_is_reversed_once(caseworker: Client) -> None:
    story = Story(caseworker, "closure")
    position = story.case["position"]
    story.does("reversals")
    assert story.case["status"] == "raised"
    answer = story.tries("reversals", position=position)
    assert_refused(answer, 409, "refused", "reversed already")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"raised_by": "atlantis"}, errors.OrganUnknown),
        ({"themes": ["vold", "astrologi"]}, errors.ThemeUnknown),
        ({"focus_area": "astrologi"}, errors.FocusAreaUnknown),
        ({"service": "Sjarmørene"}, errors.ServiceUnknown),
        ({"ages": [16, 13]}, errors.AgesTurnedRound),
        ({"occurred_at": FUTURE}, errors.InTheFuture),
        ({"acting_for": "atlantis"}, errors.OrganUnknown),
    ],
)
def test_a_case_is_not_raised_with_what_is_not_known(
    changes: dict[str, Any], error: type[Refusal], caseworker: Client
) -> None:
    with nothing_changes(caseworker.ledger):
        answer = caseworker.post("/api/cases", json={"raised_by": TEAM, "title": "x"} | changes)
    assert_refused(answer, 422, "invalid", error().sentence)


@pytest.mark.parametrize(
    "case", ["2026-9999", "1", "x" * 100, "00000000-0000-4000-8000-000000000000", "styret"]
)
def test_a_case_that_is_not_there_is_not_found(case: str, caseworker: Client) -> None:
    with nothing_changes(caseworker.ledger):
        command = caseworker.post(f"/api/cases/{case}/notes", json={"text": "x"})
    assert_refused(command, 404, "not-found", "There is n")
    assert_refused(caseworker.get(f"/api/cases/{case}"), 404, "not-found", "There is nothing")
    assert_refused(caseworker.get(f"/api/cases/{case}/history"), 404, "not-found")


@pytest.mark.parametrize(("step", "field"), [("links", "other"), ("closure", "merged_into")])
def test_another_case_that_is_not_there_is_not_found(
    step: str, field: str, caseworker: Client
) -> None:
    story = Story(caseworker)
    for other in ("2026-9999", "00000000-0000-4000-8000-000000000000"):
        outcome = {"outcome": "merged"} if step == "closure" else {}
        with nothing_changes(caseworker.ledger):
            answer = caseworker.post(
                f"{story.path}/{step}",
                json=BODIES[step] | outcome | {field: other},
            )
        assert_refused(answer, 404, "not-found")
