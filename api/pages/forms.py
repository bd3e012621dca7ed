"""Forms: what is asked for, how that is read, and what is said where it was refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import Response
from pydantic import ValidationError

from api.bodies import Command
from api.kept_tokens import MemberWithoutOrgan, NothingAllowed
from api.language import say
from api.outgoing import AddressRefused
from api.page import told
from api.pages.desks import Sent, moment
from api.pages.shell import spoken
from api.problems import PersonalSpan, PointsOutAPerson, said
from domain import errors
from domain.errors import Refusal
from ledger.database import Unavailable

Kind = Literal[
    "line", "words", "lines", "choice", "many", "day", "moment", "number", "check", "ages"
]
REASON = "not_about_individual"
WHEN = "occurred_on"
"""The field for the day on which it happened, where that was not today."""


@dataclass(frozen=True)
class Choice:
    """One of several; `label` is shown as it stands."""

    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """A field of a form. `name`: that of the command's body; `label` and `hint` in English, to be
    translated; `choices`: the key of a list that the page has."""

    name: str
    label: str
    kind: Kind = "line"
    required: bool = True
    hint: str = ""
    choices: str = ""


@dataclass(frozen=True)
class Form:
    """What a page can be asked to do. `run` does it with the body and the desk, and answers as the
    API does; `title` and `button` in English."""

    name: str
    title: str
    button: str
    body: type[Command]
    fields: tuple[Field, ...] = ()
    hint: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.fields)


@dataclass(frozen=True)
class Refused:
    """A form that did not go through: what was typed, what is wrong with it as a whole and with
    which field, and where the gate asks whether it is about a person."""

    name: str
    values: Mapping[str, list[str]]
    sentence: str
    status: int
    errors: Mapping[str, str] = field(default_factory=dict)
    spans: Sequence[PersonalSpan] = ()
    asks: bool = False
    """Whether a reason lets it through."""


def read(form: Form, sent: Sent) -> Command:
    """The body that was filled in. Refuses with pydantic's `ValidationError`."""
    filled: dict[str, Any] = {}
    for one in form.fields:
        if one.name == WHEN:
            continue
        value = _value(one, sent)
        if value is not None or not one.required:
            filled[one.name] = value
    for name in (REASON, "acting_for"):
        if sent.one(name):
            filled[name] = sent.one(name)
    if sent.one(WHEN):
        filled |= {"occurred_at": f"{sent.one(WHEN)}T12:00:00+01:00", "precision": "day"}
    return form.body.model_validate(_named(form.body, filled))


def _named(body: type[Command], filled: dict[str, Any]) -> dict[str, Any]:
    """By the names that the API has for them."""
    return {body.model_fields[name].alias or name: value for name, value in filled.items()}


def _value(one: Field, sent: Sent) -> Any:  # noqa: ANN401 - what a field of a body may hold
    match one.kind:
        case "many":
            return [each for each in sent.fields.get(one.name, []) if each]
        case "lines":
            return [each.strip() for each in sent.one(one.name).splitlines() if each.strip()]
        case "check":
            return bool(sent.one(one.name))
        case "ages":
            both = (sent.one(f"{one.name}_from"), sent.one(f"{one.name}_to"))
            return [int(each) if each.isdecimal() else each for each in both] if any(both) else None
        case "number":
            written = sent.one(one.name)
            return int(written) if written.isdecimal() and len(written) < 10 else written or None
        case "moment":
            try:
                return moment(sent.one(one.name)).isoformat() if sent.one(one.name) else None
            except (ValueError, OverflowError):
                return sent.one(one.name)
        case _:
            return sent.one(one.name) or None


def tried(form: Form, sent: Sent, run: Callable[[Any], Response]) -> Refused | None:
    """Let *run* do what was filled in; None where it was done. What somebody typed is in what is
    shown again to them, and nowhere else."""
    try:
        run(read(form, sent))
    except ValidationError as error:
        return Refused(
            form.name,
            sent.fields,
            spoken(sent.desk, say("Some of this is missing or cannot be understood.")),
            422,
            errors={_place(one): _said(sent, one) for one in error.errors()},
        )
    except (Refusal, Unavailable) as error:
        status, sentence = told(error)
        about = error if isinstance(error, PointsOutAPerson) else None
        return Refused(
            form.name,
            sent.fields,
            spoken(sent.desk, sentence),
            status,
            errors=_beside(form, sent, error, sentence),
            spans=about.spans if about else (),
            asks=bool(about and about.confirmable),
        )
    return None


_FIELDS: Mapping[type[Exception], tuple[str, ...]] = {
    errors.ActionPlanMissing: ("action_plan",),
    errors.ActionPlanUnwanted: ("action_plan",),
    AddressRefused: ("url",),
    errors.AgesTurnedRound: ("ages",),
    errors.AlreadyThere: ("to",),
    errors.AnswerToAStranger: ("to",),
    errors.BeforeTheCase: (WHEN,),
    errors.BeforeTheOrder: (WHEN,),
    errors.CadenceImpossible: ("every_weeks",),
    errors.DecisionWordsMissing: ("decision",),
    errors.DecisionWordsUnwanted: ("decision",),
    errors.DueBeforeItBegan: ("due_on", "evaluate_on"),
    errors.EntryUnknown: ("position",),
    errors.FeedbackEmpty: ("what_works",),
    errors.FocusAreaExists: ("short", "key"),
    errors.FocusAreaUnknown: ("focus_area", "area"),
    errors.GuestWithoutADay: ("until",),
    errors.InTheFuture: (WHEN,),
    errors.ItemAboutNothing: ("title",),
    errors.LiftNotAllowed: ("to",),
    errors.LinkedAlready: ("other",),
    errors.MandateMissing: ("mandate",),
    errors.MandateUnwanted: ("mandate",),
    errors.MappingTooShort: ("due_on",),
    errors.MeasuresUnevaluated: ("reason",),
    MemberWithoutOrgan: ("organ",),
    errors.MembersHaveSeats: ("role",),
    errors.MergeTargetClosed: ("merged_into",),
    errors.MergeTargetMissing: ("merged_into",),
    errors.MergeTargetUnwanted: ("merged_into",),
    errors.NoSeatThere: ("to",),
    errors.NotADecision: ("position",),
    errors.NotBelowNorBefore: ("to",),
    errors.NotDiscussed: ("urgent",),
    NothingAllowed: ("role",),
    errors.OnTheAgendaAlready: ("cases",),
    errors.OnlyTheBoardOrTheGroupOrders: ("acting_for",),
    errors.OnlyTheBoardSets: ("acting_for",),
    errors.OrderedFromItself: ("to",),
    errors.OrganExists: ("short",),
    errors.PeriodTurnedRound: ("to_year", "to", "until"),
    errors.PersonUnknown: ("person",),
    errors.PlaceUnknown: ("to",),
    errors.QuorumImpossible: ("seats",),
    errors.ReversedAlready: ("position",),
    errors.SameCase: ("other", "merged_into"),
    errors.SeatLeftAlready: ("n",),
    errors.SeatUnknown: ("n",),
    errors.ServiceExists: ("name",),
    errors.ServiceIsMerged: ("service", "into", "to"),
    errors.ServiceUnknown: ("service", "to"),
    errors.StepTakenAlready: ("n",),
    errors.StepUnknown: ("n",),
    errors.TextUnknown: ("text_id",),
    errors.ThemeUnknown: ("themes", "theme"),
    errors.ThresholdTooLow: ("small_numbers",),
    errors.WarningTooEarly: ("warn_days",),
    errors.YearLiesAhead: ("year",),
}
"""What a rule that says no is about, in the forms that have such a field."""


def _beside(form: Form, sent: Sent, error: Exception, sentence: str) -> dict[str, str]:
    """What is said beside a field, where the rule is about one."""
    about = [name for name in _FIELDS.get(type(error), ()) if name in form.names]
    return {about[0]: spoken(sent.desk, sentence)} if about else {}


def _place(error: Mapping[str, Any]) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    return WHEN if name == "occurred_at" else name


def _said(sent: Sent, error: Mapping[str, Any]) -> str:
    if error["type"] == "missing":
        return spoken(sent.desk, say("This must be filled in."))
    return said(error, lambda sentence: spoken(sent.desk, sentence))
