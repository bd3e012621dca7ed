"""One request at work: who asks, when, on what ledger, and what it is answered with."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from api import moments
from api.answers import (
    CaseAnswer,
    CasePage,
    CaseTold,
    EntryAnswer,
    Wording,
    entry_fields,
    texts_of,
)
from api.auth import Shown
from api.bodies import Command as Body
from api.cursors import cursor
from api.gate import REASON, Gate
from api.installation import OpenLedger
from api.moments import AsOf, KnownAtDiffers
from api.problems import NotFound, NotOpenToYou, NotYourOrgan, about_a_person
from domain.access import AccessEvent, WordsRead, accessed
from domain.actor import Actor, Role
from domain.case import Case
from domain.errors import StreamUnknown
from domain.event import Event, Occurred, day_in_oslo
from domain.rights import Action, Readers, Standing, hat, marks_of, may_act_for, may_read
from domain.text import Text
from domain.topology import Topology
from ledger.commands import Command, answered
from ledger.database import Database
from ledger.engine import Act, Engine, Seen
from ledger.sight import Reads, Sight
from ledger.structure import Structure
from ledger.texts import Pen, texts_in, words_and_streams
from projections.audit_trail import erasures
from projections.case_status import CaseRow
from projections.corrections import corrections
from projections.place import followed
from projections.readership import opened_to

S = TypeVar("S", bound=BaseModel)


class Table(Protocol):
    """Where something is logged in a meeting."""

    def allows(self, case: str | None, at: Occurred) -> None: ...


KNOWN = ("as_of", "known_at")
"""The parameters that say how far what was known goes."""


@dataclass
class Desk:
    """Everything that an endpoint needs. Words that it keeps go through `write`, where the gate
    stands; cases that it shows are read from `sight`, or have passed `readable`; words that it
    shows come from `wording`, which has it written down who is shown them."""

    ledger: OpenLedger
    standing: Standing
    actor: Actor
    now: datetime
    command: Command
    request: Request
    pen: Pen = field(default_factory=Pen)
    how: type[AccessEvent] = WordsRead
    """What an access to words at this desk is to the access log."""
    table: Table | None = None
    """Where what is commanded is logged in a meeting, if so."""
    _commands: bool = False
    _let_through: Body | None = None
    _asked: dict[str, AsOf] = field(default_factory=dict)
    _witnessed: frozenset[str] = frozenset()

    @property
    def database(self) -> Database:
        return self.ledger.database

    @property
    def engine(self) -> Engine:
        return self.ledger.engine

    @property
    def structure(self) -> Structure:
        return self.engine.structure

    @property
    def topology(self) -> Topology:
        return self.engine.topology

    @property
    def shown(self) -> Shown:
        return Shown.of(self.request)

    @property
    def today(self) -> date:
        return day_in_oslo(self.now)

    # What whoever asks may read.

    @cached_property
    def marks(self) -> frozenset[str]:
        """What their reading is marked with."""
        may_open = hat(self.standing, Action.BREAK_GLASS) is not None
        opened = opened_to(self.database, self.standing.id, self.now) if may_open else ()
        return marks_of(self.standing, opened)

    @cached_property
    def sight(self) -> Sight:
        """The ledger as they see it."""
        return self.ledger.seen_by(self.marks)

    @property
    def reads_cases(self) -> bool:
        """Whether they are shown anything of cases: their token may be narrowed to other things,
        and a meeting's guest reads the meeting alone."""
        return hat(self.standing, Action.READ_CASES) is not None

    def readable(self, case: Case) -> Case:
        """*case*, if they may read it. Refuses with `NotFound`, as if there were none, and with
        `NotOpenToYou` for those who could break its glass."""
        opened = case.is_opened(self.standing.id, self.now)
        if may_read(self.standing, case.readers, opened=opened):
            return case
        raise NotFound if hat(self.standing, Action.BREAK_GLASS) is None else NotOpenToYou

    def openable(self, case: Case) -> Case:
        """*case*, if they may read it, or could if it were not restricted."""
        if may_read(self.standing, Readers(parties=case.readers.parties)):
            return case
        return self.readable(case)

    # Words.

    def write(self, words: str, body: Body) -> Text:
        """Take down *words* of *body*, once the gate has let all that it says through. Refuses
        with `PointsOutAPerson`, `MayPointOutAPerson` and `GateBroken`."""
        self.pass_gate(body)
        return self.pen.write(words)

    def write_if(self, words: str | None, body: Body) -> Text | None:
        return None if words is None else self.write(words, body)

    def pass_gate(self, body: Body) -> None:
        """Let the gate look at all that *body* says, once. The reason itself may name nobody."""
        if self._let_through is body:
            return
        gate: Gate = self.request.app.state.gate
        why = body.not_about_individual
        found = gate.inspect(body.typed, frozenset(self.structure.names.values()))
        asked = found.keys() - {REASON}
        certain = any(findings.is_certain for findings in found.values())
        refused = certain or (asked and (why is None or REASON in found))
        if refused and answered(self.database, self.command) is None:
            raise about_a_person(found, confirmable=not certain)
        if asked and why is not None:
            reason = self.pen.write(why)
            self.command = replace(self.command, not_about_individual=reason)
        self._let_through = body

    def looking(self) -> "Desk":
        """The same desk, to look at things from once a command was refused."""
        return replace(self, pen=Pen(), _commands=False)

    # Commands.

    def at(self, body: Body) -> Occurred:
        occurred = Occurred(at=body.occurred_at or self.now, precision=body.precision)
        return occurred.not_after(self.now)

    def by(self, body: Body) -> Actor:
        """The actor on behalf of the organ that *body* names; a member always for their own."""
        asked = body.acting_for
        if asked is not None:
            self.topology.organ(asked)
        if not may_act_for(self.standing, self.actor.role, asked):
            raise NotYourOrgan
        own = self.actor.organ if self.actor.role is Role.MEMBER else None
        return self.actor.acting_for(asked or own)

    def case_id(self, ref: str) -> str:
        """The id of the case with this id or number. Refuses with `NotFound`."""
        if _is_uuid(ref):
            return ref
        found = self.engine.ledger.case_id(ref) if "\x00" not in ref else None
        if found is None:
            raise NotFound
        return found

    def act(
        self,
        ref: str,
        body: Body,
        decide: Callable[[Case, Actor, Occurred], Event],
        *,
        reads: bool = True,
    ) -> Response:
        """Let *decide* look at the case, append what it decides, and answer with the case. Whoever
        asks must be one who *reads* it before, unless what is decided lets them."""
        return self.answer_case(self.done(ref, body, decide, reads=reads))

    def done(
        self,
        ref: str,
        body: Body,
        decide: Callable[[Case, Actor, Occurred], Event],
        *,
        reads: bool = True,
        erases: Sequence[str] = (),
    ) -> Seen[Case]:
        """The same without the answer. The texts that it *erases* go with it. That there is no such
        case is told as it is of one that is not for whoever asks."""
        at, case_id = self.at(body), self.case_id(ref)
        try:
            return self.engine.act(
                Case,
                case_id,
                lambda case: self._decided(decide, case, body, at),
                command=self.command,
                drafts=self.pen.drafts,
                erases=erases,
                admit=self.readable if reads else self.openable,
            )
        except StreamUnknown as error:
            raise NotFound from error

    def _decided(
        self,
        decide: Callable[[Case, Actor, Occurred], Event],
        case: Case,
        body: Body,
        at: Occurred,
    ) -> Event:
        self.sits_there(case.id, at)
        return decide(case, self.by(body), at)

    def sits_there(self, case: str | None, at: Occurred) -> None:
        """Refuses what is logged in a meeting and cannot have happened there. *case*: the id of
        the one that it is about, if it is."""
        if self.table is not None:
            self.table.allows(case, at)

    def act_together(self, acts: Sequence[Act[Case]]) -> Response:
        """The same on several cases at once, one event on each; answers with all of them."""
        try:
            made = self.engine.act_together(Case, acts, command=self.command, admit=self.readable)
        except StreamUnknown as error:
            raise NotFound from error
        page = CasePage(items=[self._case_as_answered(seen) for seen in made], next=None)
        position = str(made[-1].position)
        if not made[-1].repeated:
            self.request.state.position = made[-1].position
        return Response(
            page.model_dump_json(),
            201,
            headers={"Loft-Position": position},
            media_type="application/json",
        )

    def answer_case(self, seen: Seen[Case], *, location: bool = False) -> Response:
        headers = {"Location": f"/api/cases/{seen.state.id}"} if location else {}
        return self.answer(self._case_as_answered(seen, is_new=location), seen, headers)

    def _case_as_answered(self, seen: Seen[Case], *, is_new: bool = False) -> CaseAnswer | CaseTold:
        """What a repeat shows may have been closed to whoever asks since, or have been then. A
        token that is narrowed to commands is not shown the case."""
        if seen.repeated:
            present = self.engine.load(Case, seen.state.id)
            self.readable(present.state if present is not None else seen.state)
            self.readable(seen.state)
        if not self.reads_cases:
            return CaseTold(id=seen.state.id, number=seen.state.number, position=seen.position)
        if seen.repeated or not is_new:
            self.shows([seen.state.id])
        row = CaseRow(seen.state, seen.position, seen.recorded_at, raised_position=0)
        (answer,) = self.answers([row], AsOf(seen.position, self.now))
        return answer

    def answer(
        self, answer: BaseModel, seen: Seen[Any], headers: dict[str, str] | None = None
    ) -> Response:
        """201 with *answer*, its version and the position that it was recorded at."""
        if not seen.repeated:
            self.request.state.position = seen.position
        return Response(
            answer.model_dump_json(),
            201,
            headers={
                "ETag": etag(seen.state.version),
                "Loft-Position": str(seen.position),
                **(headers or {}),
            },
            media_type="application/json",
        )

    def answer_entry(self, seen: Seen[Any]) -> Response:
        """The same with the entry that was made."""
        (made,) = self.engine.ledger.select_notifications(seen.position, 1)
        fields = entry_fields(made, self.wording(texts_in([made])))
        return self.answer(EntryAnswer.model_validate(fields), seen)

    # Reading.

    @cached_property
    def as_of(self) -> AsOf:
        """What the query's `as_of` asks for, or `known_at`, its other name; without them, now.
        Refuses with `AsOfMalformed`, `AsOfUnknown`, `KnownAtDiffers`."""
        asked = {self.moment(name) for name in KNOWN if name in self.request.query_params}
        if len(asked) > 1:
            raise KnownAtDiffers
        return asked.pop() if asked else AsOf(None, self.now)

    @cached_property
    def as_far_as_known(self) -> AsOf:
        """The same, with a position now too: that which the views have reached."""
        asked = self.as_of
        if asked.position is not None:
            return asked
        return AsOf(self.database.read(followed), asked.moment)

    def moment(self, name: str) -> AsOf:
        """The position or time that the parameter *name* asks for."""
        if name not in self._asked:
            written = self.request.query_params[name]
            self._asked[name] = moments.asked(self.engine.ledger, written, self.now)
        return self._asked[name]

    def answers(self, rows: Sequence[CaseRow], as_of: AsOf) -> list[CaseAnswer]:
        """The cases as JSON, with what had been corrected *as_of* a moment, which also judges what
        is late. The words of all of them are read at once."""
        if not self._commands:
            self.shows(row.case.id for row in rows)
        corrected = [row.case.id for row in rows if row.case.corrected]
        made = corrections(self.engine, corrected, as_of=as_of.bound)
        texts = [text for row in rows for text in texts_of(row.case).values()]
        texts += [text for one in made for text in (one.event.correction, one.event.reason)]
        wording = self.wording(texts)
        _, in_force = self.structure.policy_at(as_of.position)
        policy = in_force.policy
        return [
            wording.case(
                row.case,
                position=row.position,
                recorded_at=row.recorded_at,
                today=as_of.today,
                policy=policy,
                corrections=[one for one in made if one.event.originator_id == row.case.id],
            )
            for row in rows
        ]

    def wording(self, texts: Iterable[Text | str]) -> Wording:
        """The words of *texts*, and where those that are gone were erased. What a command answers
        with may be newer than the views that `sight` asks: that it may be read was judged on the
        case itself."""
        reads: Reads = self.database if self._commands else self.sight
        ids = [text if isinstance(text, str) else text.id for text in texts]
        words = {draft.text.id: draft.words for draft in self.pen.drafts}
        if missing := [text_id for text_id in ids if text_id not in words]:
            found = words_and_streams(reads, missing)
            if not self._commands:
                self.shows(stream for _, _, stream in found if _is_uuid(stream))
            words |= {text_id: said for text_id, said, _ in found}
        gone = [text_id for text_id in ids if text_id not in words]
        return Wording(words, erasures(self.database, gone) if gone else {}, self.structure)

    def shows(self, cases: Iterable[str]) -> None:
        """Write down that whoever asks is shown the words of *cases*, while the rest of the answer
        is made: it goes out once that is on the disk. That the answer to a raised case shows it to
        whoever has just written it is told by the event itself."""
        if fresh := frozenset(cases) - self._witnessed:
            door = f"{self.request.method} {self.request.scope['route'].path}"
            access = accessed(
                self.how, tuple(sorted(fresh)), door=door, by=self.actor, at=Occurred(at=self.now)
            )
            self.request.state.accesses.append(self.ledger.accesses.begin(access))
            self._witnessed |= fresh

    def page(self, last: int | str | None) -> str | None:
        """The address of the page after the row with this key; None after the last one."""
        if last is None:
            return None
        kept = [(k, v) for k, v in self.request.query_params.multi_items() if k != "cursor"]
        return f"{self.request.url.path}?{urlencode([*kept, ('cursor', cursor(last))])}"


def etag(version: int) -> str:
    return f'"{version}"'


def _is_uuid(ref: str) -> bool:
    try:
        return str(UUID(ref)) == ref
    except ValueError:
        return False
