"""What can be done with a case, as forms: one for each command, in the order in which they come."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Response
from pydantic import field_validator

from api import bodies, casework, erasures, restrictions
from api.answers import CaseAnswer
from api.desk import Desk
from api.language import say
from api.pages.forms import WHEN, Field, Form
from domain.rights import Action
from domain.terms import Status

REASON = Field("reason", say("Why"), "words")
ON = Field(
    WHEN, say("On which day"), "day", required=False, hint=say("Only where it was not today.")
)


@dataclass(frozen=True)
class CaseForm(Form):
    """`when`: whether a case can take it as it is now."""

    action: Action = Action.CASEWORK
    when: Callable[[CaseAnswer], bool] = lambda case: case.status is not Status.CLOSED
    run: Callable[[str, Any, Desk], Response] = casework.note


def _is_open(case: CaseAnswer) -> bool:
    return case.status is not Status.CLOSED


DISCUSS = CaseForm(
    "discussions", say("Log a discussion"), say("Log the discussion"), bodies.Discussion,
    (
        Field("summary", say("What was said"), "words"),
        Field("conclusion", say("Conclusion"), "choice", choices="conclusions"),
        Field("decision", say("The decision in words"), "words", required=False,
              hint=say("Only where the conclusion is that something was decided.")),
        ON,
    ),
    run=casework.discuss,
)  # fmt: skip
ESCALATE = CaseForm(
    "escalations", say("Lift"), say("Lift the case"), bodies.Escalation,
    (
        Field("to", say("To"), "choice", choices="lifts_to"),
        Field("why", say("The holder"), "choice", choices="whys"),
        REASON,
        Field("tried", say("What was tried"), "words"),
        Field("urgent", say("It is urgent, and was not discussed first"), "check", required=False),
        Field("title_there", say("What it is to be called there"), required=False),
        ON,
    ),
    when=_is_open,
    run=casework.escalate,
)  # fmt: skip
RETURN = CaseForm(
    "returns", say("Send down"), say("Send the case down"), bodies.Returning,
    (
        Field("to", say("To"), "choice", choices="returns_to"),
        Field("expectation", say("What is expected"), "words"),
        ON,
    ),
    run=casework.send_down,
)  # fmt: skip
ASSIGN = CaseForm(
    "assignments", say("Assign"), say("Assign it"), bodies.Assigning,
    (
        Field("service", say("Who is responsible"), "choice", choices="responsible"),
        Field("expectation", say("What is expected"), "words"),
        Field("due_on", say("By"), "day"),
        ON,
    ),
    run=casework.assign,
)  # fmt: skip
MEASURE = CaseForm(
    "measures", say("Start a measure"), say("Start the measure"), bodies.Measuring,
    (
        Field("title", say("What is done")),
        Field("prevention_level", say("Prevention level"), "choice", choices="prevention_levels"),
        Field("expected_effect", say("What it is expected to change"), "words"),
        Field("evaluate_on", say("Evaluated on"), "day"),
        Field("service", say("Which service"), "choice", required=False, choices="services"),
        ON,
    ),
    run=casework.start_a_measure,
)  # fmt: skip
ANSWER = CaseForm(
    "answers", say("Answer"), say("Give the answer"), bodies.Answering,
    (
        Field("to", say("To"), "choice", choices="answered"),
        Field("message", say("What became of it"), "words"),
        ON,
    ),
    when=lambda _: True,
    run=casework.answer,
)  # fmt: skip
NOTE = CaseForm(
    "notes", say("Note progress"), say("Keep the note"), bodies.Noting,
    (Field("text", say("What has happened"), "words"), ON),
    run=casework.note,
)  # fmt: skip
REFER = CaseForm(
    "referrals", say("Refer"), say("Refer the matter"), bodies.Referral,
    (
        Field("to", say("To"), "choice", choices="referred_to"),
        Field("reason_code", say("Why"), "choice", choices="referral_reasons"),
        ON,
    ),
    hint=say("Only a receipt is kept, without words."),
    run=casework.refer,
)  # fmt: skip
RECLASSIFY = CaseForm(
    "reclassification", say("Reclassify"), say("Reclassify it"), bodies.Reclassification,
    (
        Field("themes", say("Themes"), "many", required=False, choices="themes"),
        Field("focus_area", say("Focus area"), "choice", required=False, choices="focus_areas"),
        Field("prevention_level", say("Prevention level"), "choice", required=False,
              choices="prevention_levels"),
        REASON,
    ),
    run=casework.reclassify,
)  # fmt: skip
PAUSE = CaseForm(
    "pause", say("Pause the clock"), say("Pause it"), bodies.Reasoned, (REASON,),
    when=lambda case: _is_open(case) and case.paused_since is None,
    run=casework.pause,
)  # fmt: skip
RESUME = CaseForm(
    "resumption", say("Resume the clock"), say("Resume it"), bodies.Reasoned, (REASON,),
    when=lambda case: _is_open(case) and case.paused_since is not None,
    run=casework.resume,
)  # fmt: skip
CLOSE = CaseForm(
    "closure", say("Close"), say("Close the case"), bodies.Closure,
    (
        Field("outcome", say("Outcome"), "choice", choices="outcomes"),
        REASON,
        Field("merged_into", say("Number of the case that it goes into"), required=False,
              hint=say("Only where the outcome is that the two are merged.")),
        ON,
    ),
    run=casework.close,
)  # fmt: skip
REOPEN = CaseForm(
    "reopening", say("Reopen"), say("Reopen the case"), bodies.Reasoned, (REASON,),
    when=lambda case: case.status is Status.CLOSED,
    run=casework.reopen,
)  # fmt: skip
LINK = CaseForm(
    "links", say("Link"), say("Link the two"), bodies.Linking,
    (
        Field("other", say("Number of the other case")),
        Field("kind", say("How they belong together"), "choice", choices="link_kinds"),
    ),
    when=lambda _: True,
    run=casework.link,
)  # fmt: skip

CASE_FORMS: Mapping[str, CaseForm] = {
    form.name: form
    for form in (DISCUSS, ESCALATE, ASSIGN, MEASURE, ANSWER, NOTE, RETURN, REFER, RECLASSIFY,
                 PAUSE, RESUME, LINK, CLOSE, REOPEN)
}  # fmt: skip
"""By the last part of their address, which is that of the API."""

ACCEPT = CaseForm(
    "acceptance", say("Accept"), say("Accept it"), bodies.Acceptance,
    action=Action.ANSWER_ASSIGNMENT,
)  # fmt: skip
DECLINE = CaseForm(
    "refusal", say("Decline"), say("Decline it"), bodies.Reasoned, (REASON,),
    action=Action.ANSWER_ASSIGNMENT,
)  # fmt: skip
COMPLETE = CaseForm(
    "completion", say("Report"), say("Report that it is done"), bodies.Completion,
    (Field("report", say("What was done"), "words"),),
    action=Action.ANSWER_ASSIGNMENT,
)  # fmt: skip
EVALUATE = CaseForm(
    "evaluation", say("Evaluate"), say("Keep the evaluation"), bodies.Evaluation,
    (
        Field("effect", say("Effect"), "choice", choices="effects"),
        Field("note", say("How one can tell"), "words"),
    ),
)  # fmt: skip
ACKNOWLEDGE = CaseForm(
    "acknowledgement", say("Acknowledge"), say("Acknowledge it"), bodies.Acknowledgement,
    (Field("ask_again", say("What is still unanswered"), "words", required=False),),
    action=Action.ACKNOWLEDGE,
)  # fmt: skip
CORRECT = CaseForm(
    "corrections", say("Correct"), say("Keep the correction"), bodies.Correction,
    (
        Field("position", say("Entry"), "number"),
        Field("correction", say("What it should have said"), "words"),
        REASON,
    ),
    run=casework.correct,
)  # fmt: skip
REVERSE = CaseForm(
    "reversals", say("Reverse"), say("Reverse the decision"), bodies.Reversal,
    (Field("position", say("Entry"), "number"), REASON),
    hint=say("The newest decision is undone: all is as before it. An older one, which others rest "
             "on, is marked as reversed, and what came of it stays."),
    run=casework.reverse,
)  # fmt: skip


# Whom a case is for.

RESTRICT = CaseForm(
    "restriction", say("Restrict to named people"), say("Restrict the case"), bodies.Restriction,
    (Field("people", say("Who reads it, beside you"), "many", required=False, choices="readers"),
     REASON),
    hint=say("Nobody else reads it from now on, whatever their role."),
    action=Action.RESTRICT, when=lambda _: True,
    run=restrictions.restricted,
)  # fmt: skip
LIFT = CaseForm(
    "lifting", say("Lift the restriction"), say("Lift it"), bodies.Reasoned, (REASON,),
    hint=say("The case is for its organs and services again."),
    action=Action.RESTRICT, when=lambda case: case.restricted_to is not None,
    run=restrictions.lifted,
)  # fmt: skip
BREAK_GLASS = CaseForm(
    "break-glass", say("Break the glass"), say("Break the glass"), bodies.Reasoned, (REASON,),
    hint=say("The case is open to you for three hours. That you opened it, and why, stands in its "
             "history."),
    action=Action.BREAK_GLASS, when=lambda _: False,
    run=restrictions.broken,
)  # fmt: skip


# Words that go.


class Erasing(bodies.Erasure):
    """As it is sent from a page: whoever erases says that they know it cannot be undone."""

    sure: bool

    @field_validator("sure")
    @classmethod
    def _said(cls, sure: bool) -> bool:
        if not sure:
            raise ValueError(say("Nothing is erased until you have ticked this."))
        return sure


ERASE = CaseForm(
    "erasures", say("Erase words"), say("Erase the words for good"), Erasing,
    (
        Field("text_id", say("Which words"), "choice", choices="texts"),
        Field("legal_basis", say("Legal basis"), "choice", choices="legal_bases"),
        Field("asked_by", say("At whose request"), "choice", choices="requesters"),
        REASON,
        Field("sure", say("I know that the words are gone for good, and cannot be brought back"),
              "check"),
    ),
    hint=say("The words go at once from everywhere. That they were erased, on what ground and why, "
             "stays. Name nobody in the reason."),
    run=lambda case, body, desk: erasures.erase(case, body, desk.request, desk),
)  # fmt: skip
