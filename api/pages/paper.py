"""A case and the register of decisions on paper (PDF/A): what their pages say, to keep for good."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api import audit, minutes_pdf
from api.cases import entries_of, row_of
from api.desk import Desk
from api.language import Tongue, say, spoken_to
from api.page import Page
from api.pages import timeline
from api.pages.board import Asked, From, Searching, To, asked_for, decided, narrowed
from api.pages.desks import looking
from api.pages.shell import Names, person_names
from api.sheets import Block, Part, Sheet
from domain.errors import Invalid
from domain.rights import Action

router = APIRouter(route_class=Page, include_in_schema=False)
Looking = Annotated[Desk, looking(Action.READ_CASES)]
CaseNumber = Annotated[str, Path(max_length=60)]
AsOf = Annotated[str | None, Query(max_length=40)]
MOST = 1000
"""Decisions that stand on one paper."""
AS_OF = say("As of entry %(position)s.")
ERASED, NO_TITLE = say("(erased)"), say("(the title was erased)")
REVERSED = say("Reversed at entry %(position)s")
WITHDRAWN = say("Logged by mistake, and withdrawn at entry %(position)s")
ENTRY = say("entry %(position)s")
DECISIONS = say("Decisions")
NOTHING = say("Nothing has been decided yet.")


class NoSuchFilter(Invalid):
    """There is no such filter here. Choose among these."""


@router.get("/cases/{number}/pdf")
def case_on_paper(number: CaseNumber, desk: Looking, as_of: AsOf = None) -> Response:  # noqa: ARG001 - the desk reads it
    """A case's whole life, as it is or as it was."""
    row = row_of(number, desk)
    entries = entries_of(desk, row)
    (case,) = desk.answers([row], desk.as_of)
    names, tongue = Names(desk.structure.names), spoken_to(desk.request)
    people = person_names(desk, {one.actor.id for one in entries})
    told = timeline.told(entries, names, people, tongue)
    title = f"{case.number} {case.title or tongue.gettext(NO_TITLE)}"
    return _drawn(desk, tongue, title, [_part(one, tongue) for one in told], f"{case.number}.pdf")


@router.get("/decisions/pdf")
def register_on_paper(
    desk: Searching, q: Asked = None, organ: Asked = None, kind: Asked = None, actor: Asked = None,
    since: From = None, until: To = None, exception: Asked = None, as_of: Asked = None,
) -> Response:  # fmt: skip
    """The newest decisions, by the filters of their page."""
    asked = asked_for(q, organ, kind, actor, since, until, exception, as_of)
    try:
        found = audit.decided(desk, narrowed(desk, asked), before=2**62, limit=MOST)
    except ValueError:
        raise NoSuchFilter from None
    tongue = spoken_to(desk.request)
    parts = [
        _part(one.told, tongue, f"{one.number} {one.title or tongue.gettext(NO_TITLE)}"
              if one.number else None)
        for one in decided(desk, found)
    ]  # fmt: skip
    title = tongue.gettext(DECISIONS)
    nothing = Part(heading=title, note=tongue.gettext(NOTHING))
    return _drawn(desk, tongue, title, parts or [nothing], "decisions.pdf")


def _part(one: timeline.Told, tongue: Tongue, about: str | None = None) -> Part:
    """An entry, under what it is and when it occurred."""
    when = tongue.moment(one.occurred_at, one.precision)
    heading = " · ".join(filter(None, [tongue.gettext(one.event), about, when]))
    return Part(heading=heading, blocks=[Block(lines=list(_lines(one, tongue)))])


def _lines(one: timeline.Told, tongue: Tongue) -> Iterator[str]:
    say_ = tongue.gettext
    for line in one.lines:
        yield f"{say_(line.label)}: {line.words if line.words is not None else say_(ERASED)}"
    for position, said, why in one.beside:
        at = say_(ENTRY) % {"position": position}
        yield f"{say_(said.label)} ({at}): {said.words or say_(ERASED)}"
        yield f"{say_(why.label)}: {why.words or say_(ERASED)}"
    if one.reversed_by is not None:
        yield say_(REVERSED) % {"position": one.reversed_by}
    if one.withdrawn_by is not None:
        yield say_(WITHDRAWN) % {"position": one.withdrawn_by}
    who = one.person or say_(one.role)
    told = f"{one.on_behalf}, {who}" if one.on_behalf else who
    at = say_(ENTRY) % {"position": one.position}
    yield f"{told}, {tongue.moment(one.recorded_at)}, {at}"


def _drawn(desk: Desk, tongue: Tongue, title: str, parts: Sequence[Part], name: str) -> Response:
    sheet = Sheet(
        language=tongue.language,
        title=title,
        state=tongue.gettext(AS_OF) % {"position": desk.as_far_as_known.bound},
        parts=list(parts),
        day=desk.as_of.today.isoformat(),
    )
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    drawn = minutes_pdf.rendered(sheet, None, "sheet")
    return Response(drawn, media_type="application/pdf", headers=headers)
