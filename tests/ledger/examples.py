"""One example of every event, with every field used, under fixed names and times."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain import (
    access,
    agenda,
    annual_report,
    case,
    credential,
    entries,
    keeping,
    meeting,
    municipality,
    noticing,
    order,
    organ,
    person,
    plan,
    policy,
    service,
    terms,
)  # fmt: skip
from domain.actor import Actor, Role
from domain.clock import Start
from domain.event import Event, Precision, Source
from domain.seat import SeatRole
from domain.text import Text
from domain.topology import Level, OutsidePlace

WHO = Actor(id="token-0123456789ab", role=Role.COORDINATOR, organ="koordineringsgruppen")
WHEN = datetime(2016, 9, 6, 10, 30, 15, 123_456, tzinfo=UTC)
CASE = "0b0f5a3c-6c4e-4a52-9f6e-6f1f1c3a9d10"
OTHER = "5a1d2f0e-8d47-4d0b-b7b8-1f2c7f3f0a11"
PERSON = "p-0123456789ab"
DAY = date(2016, 12, 1)


def text(n: int) -> Text:
    return Text(id=f"00000000-0000-4000-8000-{n:012}", digest=f"{n:064x}")


def _of(stream: str, version: int, kind: type[Event], /, **fields: Any) -> Event:
    return kind(
        originator_id=stream,
        originator_version=version,
        actor=WHO,
        occurred_at=WHEN,
        precision=Precision.DAY,
        source=Source.REPORT,
        **fields,
    )


def _case(version: int, kind: type[Event], /, **fields: Any) -> Event:
    return _of(CASE, version, kind, **fields)


def _organ(version: int, kind: type[Event], /, **fields: Any) -> Event:
    return _of("organ:vestre-13-16", version, kind, **fields)


def _meeting(version: int, kind: type[Event], /, **fields: Any) -> Event:
    return _of(f"meeting:{CASE}", version, kind, **fields)


def _order(version: int, kind: type[Event], /, **fields: Any) -> Event:
    return _of(f"order:{CASE}", version, kind, **fields)


def _annual(version: int, kind: type[Event], /, **fields: Any) -> Event:
    return _of("annual:2016", version, kind, **fields)


def _service(version: int, kind: type[Event], /, **fields: Any) -> Event:
    return _of("service:s1", version, kind, **fields)


def _person(version: int, kind: type[Event], /, **fields: Any) -> Event:
    return _of(f"person:{PERSON}", version, kind, **fields)


def _access(kind: type[Event], /, **fields: Any) -> Event:
    return _of("access:7b1d2f0e-8d47-4d0b-b7b8-1f2c7f3f0a12", 1, kind, **fields)


def _credential(version: int, kind: type[Event], /, **fields: Any) -> Event:
    return _of("credential:token-0123456789ab", version, kind, **fields)


def _plan(version: int, kind: type[Event], /, **fields: Any) -> Event:
    return _of("plan", version, kind, **fields)


_ALL = (
    _case(
        1,
        case.CaseRaised,
        number="2016-0001",
        raised_by="vestre-13-16",
        level=Level.EXECUTING,
        title=text(1),
        description=text(2),
        themes=("rus", "vold"),
        focus_area="rus",
        prevention_level=terms.PreventionLevel.SELECTIVE,
        area=text(3),
        ages=(13, 16),
        service="s1",
    ),
    _case(
        2,
        case.CaseDiscussed,
        summary=text(1),
        conclusion=terms.Conclusion.DECIDED,
        decision=text(2),
    ),
    _case(
        3,
        case.CaseEscalated,
        lifted_from="vestre-13-16",
        to="koordineringsgruppen",
        level=Level.COORDINATING,
        why=terms.Why.DID_NOT_MANAGE,
        reason=text(1),
        tried=text(2),
        urgent=True,
        title_there=text(3),
    ),
    _case(
        4,
        case.CaseReturned,
        returned_from="koordineringsgruppen",
        to="vestre-13-16",
        level=Level.EXECUTING,
        expectation=text(1),
    ),
    _case(
        5,
        case.CaseReferred,
        to=OutsidePlace.CHILD_WELFARE,
        reason_code=terms.ReferralReason.LEGAL_DUTY,
    ),
    _case(6, case.CaseAssigned, n=1, service="s1", expectation=text(1), due_on=DAY),
    _case(7, case.AssignmentAccepted, n=1),
    _case(8, case.AssignmentDeclined, n=1, reason=text(1)),
    _case(9, case.AssignmentCompleted, n=1, report=text(1)),
    _case(9, case.AssignmentPassedOn, n=1, to=PERSON),
    _case(
        10,
        case.MeasureStarted,
        n=1,
        title=text(1),
        prevention_level=terms.PreventionLevel.UNIVERSAL,
        expected_effect=text(2),
        evaluate_on=DAY,
        service="s1",
    ),
    _case(11, case.MeasureEvaluated, n=1, effect=terms.Effect.PARTLY, note=text(1)),
    _case(12, case.ProgressNoted, text=text(1)),
    _case(13, case.AnswerGiven, n=1, to="vestre-13-16", message=text(1)),
    _case(14, case.AnswerAcknowledged, n=1, asks_again=text(1)),
    _case(
        15,
        case.CaseClosed,
        outcome=terms.Outcome.MERGED,
        reason=text(1),
        merged_into=OTHER,
        into_version=2,
        owed=("vestre-13-16",),
    ),
    _case(16, case.CaseReopened, reason=text(1)),
    _case(
        17,
        case.CaseReclassified,
        themes=("rus",),
        focus_area="rus",
        prevention_level=terms.PreventionLevel.INDICATED,
        reason=text(1),
    ),
    _case(18, case.CaseLinked, other=OTHER, kind=terms.LinkKind.SPLIT_FROM),
    _case(
        19, case.EntryCorrected, position=12, corrects=3, correction=text(1), reason=text(2)
    ),
    _case(
        20, case.DecisionReversed, position=12, reverses=3, newest=True, reason=text(1)
    ),
    _case(
        21,
        entries.TextErased,
        text_id=text(9).id,
        legal_basis=terms.LegalBasis.RIGHT_TO_ERASURE,
        reason=text(1),
        asked_by="coordinator",
    ),
    _case(27, entries.EntryWithdrawn, position=12, withdraws=3, reason=text(1)),
    _case(22, case.DeadlinePaused, reason=text(1)),
    _case(23, case.DeadlineResumed, reason=text(1)),
    _case(28, noticing.DeadlineNeared, kind=terms.DeadlineKind.ASSIGNMENT, n=1, of="s1", to=None,
          due_on=DAY),
    _case(29, noticing.DeadlinePassed, kind=terms.DeadlineKind.ANSWER, n=None,
          of="koordineringsgruppen", to="vestre-13-16", due_on=DAY),
    _case(30, noticing.DeadlineStillPassed, kind=terms.DeadlineKind.EVALUATION, n=2, of="s1",
          to=None, due_on=DAY, nudge=3),
    _case(24, case.CaseRestricted, people=("p-0123456789ab", "token-ba9876543210"),
          reason=text(1)),
    _case(25, case.GlassBroken, until=WHEN + case.GLASS, reason=text(1)),
    _case(26, case.RestrictionLifted, reason=text(1)),
    _organ(
        1,
        organ.OrganConstituted,
        key="vestre-13-16",
        name=text(1),
        level=Level.EXECUTING,
        kind="youth_team",
        parent="koordineringsgruppen",
        lifts_to=("koordineringsgruppen", "sammen-for-barn-og-unge"),
        area=text(2),
        ages=(13, 16),
        police_station=text(3),
        note=text(4),
        constituted_on=DAY,
        first_meeting_on=DAY,
        first_meeting_precision=Precision.MONTH,
    ),
    _organ(2, organ.MandateGiven, mandate=text(1)),
    _organ(3, organ.CadenceSet, cadence=organ.Cadence(at_least=1, per="month")),
    _organ(9, organ.QuorumSet, seats=4),
    _meeting(1, meeting.MeetingConvened, organ="koordineringsgruppen", starts_at=WHEN,
             ends_at=WHEN + timedelta(hours=1), place=text(1), seats=(1, 2), persons=(PERSON,)),
    _meeting(2, meeting.MeetingMoved, starts_at=WHEN, ends_at=WHEN + timedelta(hours=1),
             place=text(1)),
    _meeting(
        3,
        meeting.AgendaDrawnUp,
        items=(
            agenda.Item(n=1, why=(agenda.Waits.NEWS,)),
            agenda.Item(n=2, why=(agenda.Waits.OVERDUE, agenda.Waits.HELD), cases=(CASE,)),
            agenda.Item(n=3, why=(agenda.Waits.CARRIED_OVER,),
                        carried=agenda.Carried(meeting=f"meeting:{OTHER}", n=4), postponed=True),
        ),
    ),
    _meeting(4, meeting.ItemAdded, n=4, cases=(CASE, OTHER), title=text(1)),
    _meeting(5, meeting.ItemTakenOff, n=4),
    _meeting(6, meeting.AgendaArranged, order=(3, 1, 2)),
    _meeting(7, meeting.ItemPostponed, n=3, reason=text(1)),
    _meeting(14, meeting.ItemTakenUp, n=3),
    _meeting(
        15,
        meeting.ItemDiscussed,
        n=2,
        summary=text(1),
        conclusion=terms.Conclusion.DECIDED,
        decision=text(2),
    ),
    _meeting(16, meeting.GuestDismissed, person=PERSON),
    _meeting(8, meeting.AttendanceTaken, seats=(1,), persons=(PERSON,)),
    _meeting(9, meeting.GuestAdmitted, person=PERSON),
    _meeting(10, meeting.MeetingClosed, quorate=False, signed_size=48, signed_root="A" * 43 + "="),
    _meeting(11, meeting.MinutesApproved, at_meeting=f"meeting:{OTHER}"),
    _meeting(12, meeting.RemarkMade, n=2, text=text(1)),
    _meeting(13, meeting.MeetingCancelled, reason=text(1)),
    _organ(
        4,
        organ.SeatTaken,
        n=1,
        role=SeatRole.CHAIR,
        represents=text(1),
        service="s1",
        taken_on=DAY,
    ),
    _organ(5, organ.SeatLeft, n=1, left_on=DAY),
    _organ(6, organ.OrganPlaced, parent="styret", lifts_to=("styret",)),
    _organ(7, organ.OrganRenamed, name=text(1)),
    _organ(8, organ.OrganDissolved, reason=text(1)),
    _service(1, service.ServiceRegistered, key="s1", name=text(1)),
    _service(2, service.ServiceRenamed, name=text(1)),
    _service(3, service.ServiceMerged, into="s2"),
    _service(4, service.ServiceSeatTaken, n=1, role=SeatRole.SECRETARY, person=PERSON,
             taken_on=DAY, until=DAY),
    _service(5, service.ServiceSeatLeft, n=1, left_on=DAY),
    _person(1, person.PersonRegistered, person=PERSON, name=text(1)),
    _person(2, person.RoleGiven, role=Role.AUDITOR),
    _person(3, person.ConfidentialityConfirmed, text_version=2),
    _person(4, person.RoleWithdrawn, role=Role.AUDITOR),
    _person(5, person.SignInBound, provider="entra", invited_by="token-0123456789ab"),
    _of(
        "municipality",
        1,
        municipality.MunicipalityRegistered,
        name=text(1),
        number="3024",
        language="nb",
        themes=("rus", "vold"),
    ),
    _of("municipality", 2, municipality.ThemesSet, themes=("rus",)),
    _of("municipality", 3, municipality.ConfidentialityWorded, text_version=1, text=text(1)),
    _of(
        "municipality",
        4,
        municipality.PolicySet,
        policy_version=1,
        policy=policy.Policy(
            standing=(
                policy.StandingLimit(status=terms.Status.RAISED, level=Level.EXECUTING, days=20),
            ),
            acceptance_days=10,
            assignment_days=40,
            answer_days=20,
            warn_days=3,
            nudge_days=10,
            counts=policy.DayCount.WORKING,
            july_stands_still=True,
            free_days=(date(2016, 12, 24),),
            small_numbers=5,
        ),
    ),
    _of(
        "keeping", 1, keeping.LossAccepted, kept=40, signed_size=48, signed_root="A" * 43 + "="
    ),
    _access(access.WordsRead, cases=(CASE,), door="GET /api/cases/{case}"),
    _access(access.WordsFound, cases=(CASE, OTHER), door="GET /api/cases"),
    _access(access.WordsExported, cases=(access.EVERY,), door="loft bundle"),
    _order(
        1,
        order.OrderPlaced,
        kind=terms.OrderKind.MAPPING,
        ordered_by="styret",
        to="s1",
        what=text(1),
        expected_effect=text(2),
        due_on=DAY,
        case=CASE,
        focus_area="rus",
        mandate=text(3),
        steps=(text(4), text(5)),
    ),
    _order(2, order.OrderAccepted),
    _order(3, order.OrderDeclined, reason=text(1)),
    _order(4, order.OrderPassedOn, to=PERSON),
    _order(5, order.MappingStepTaken, n=1, note=text(1)),
    _order(6, order.OrderDelivered, report=text(1), action_plan=text(2)),
    _order(7, order.OrderApproved, note=text(1)),
    _order(8, order.OrderSentBack, missing=text(1), due_on=DAY),
    _order(9, order.OrderWithdrawn, reason=text(1)),
    _annual(
        1,
        annual_report.FeedbackGiven,
        service="s1",
        what_works=text(1),
        what_does_not=text(2),
        what_to_change=text(3),
    ),
    _annual(
        2, annual_report.SectionWritten, section=terms.AnnualSection.FOREWORD, text=text(1)
    ),
    _annual(
        3,
        annual_report.AnnualReportFrozen,
        form=1,
        digest="f" * 64,
        signed_size=48,
        signed_root="A" * 43 + "=",
    ),
    _plan(1, plan.FocusAreaSet, key="rus", name=text(1), year=2016, ages=(13, 18)),
    _plan(2, plan.FocusAreaRenamed, key="rus", year=2016, name=text(1)),
    _plan(
        3, plan.PlanAdopted, n=1, name=text(1), from_year=2014, to_year=2018, measures=30
    ),
    _plan(4, plan.WorkReported, focus_area="rus", year=2016, what=text(1)),
    _plan(
        5,
        plan.ObservationMade,
        n=1,
        observer=plan.Observer.POLICE,
        what=text(1),
        theme="rus",
        direction=plan.Direction.UP,
        confidence=plan.Degree.MEDIUM,
        dark_figure=plan.Degree.HIGH,
    ),
    _plan(
        6,
        plan.MethodDescribed,
        name=text(1),
        since=2013,
        count=7,
        developed_by=(text(2), text(3)),
        builds_on=text(4),
        mandate=text(5),
    ),
    _credential(
        1,
        credential.TokenGiven,
        role=Role.MEMBER,
        organ="vestre-13-16",
        person=PERSON,
        scope=("raise",),
        expires_at=WHEN + timedelta(days=90),
    ),
    _credential(2, credential.TokenEnded),
    _credential(1, credential.WebhookAdded, kinds=("CaseRaised", "CaseClosed")),
    _credential(2, credential.WebhookSecretChanged, former_until=WHEN + timedelta(days=1)),
    _credential(3, credential.WebhookEnded),
    _credential(
        1,
        credential.ProviderListed,
        profile="entra",
        roles=(Role.ADMIN, Role.COORDINATOR),
        newcomers="registered",
        settings={"issuer": "a" * 64, "tenant": "b" * 64},
        changed=("issuer", "tenant"),
    ),
    _credential(2, credential.ProviderUnlisted),
)  # fmt: skip

EXAMPLES: dict[str, Event] = {type(event).__name__: event for event in _ALL}

CONFIRMED = EXAMPLES["ProgressNoted"].model_copy(update={"not_about_individual": text(2)})
"""With why its words are kept though the gate asked."""

SEATED = EXAMPLES["SeatTaken"].model_copy(update={"person": PERSON, "until": DAY})
"""With who sits there, and until when."""

LOGGED = EXAMPLES["CaseDiscussed"].model_copy(update={"meeting": f"meeting:{CASE}", "item": 2})
"""With the meeting that it was logged in, and the item of its agenda."""

OLDER: dict[str, Event] = {
    f"{name}.v1": EXAMPLES[name].model_copy(update={"ends_at": None})
    for name in ("MeetingConvened", "MeetingMoved")
}
"""What golden files of older versions read to, by file, where that is not the example of today."""
CARRIED = EXAMPLES["CaseClosed"].model_copy(update={"owed_since": (Start(on=DAY),)})
"""With since when those wait to whom answers are owed."""

LATER: dict[str, Event] = {
    "confirmed/ProgressNoted": CONFIRMED,
    "seated/SeatTaken": SEATED,
    "logged/CaseDiscussed": LOGGED,
    "carried/CaseClosed": CARRIED,
}
"""Examples with the fields that came later, by the name of their golden file."""
