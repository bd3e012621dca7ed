"""A year's report as people read it: the same sentences on the page, on paper and in a word
processor."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from api.annual_answers import (
    AnnualAnswer,
    ChallengeAnswer,
    FeedbackAnswer,
    MatterInYear,
    MeetingsInYear,
    OrganInYear,
    SeatInYear,
)
from api.language import Tongue, say
from api.report_lines import Line
from api.sheets import Bar, Bars, Block, Part, Sheet, Table
from domain.seat import SeatRole
from domain.terms import AnnualSection

NOT_STATED = "not_stated"
"""The kind of an organ that stands for those that a report does not name."""
GONE = say("[erased]")
"""Where words stood that have been erased."""
WITHHELD = say("Withheld from access")
"""Where a case stands that is restricted to named people."""
TITLE = say("Report on the SLT work in %(year)s")
DRAFT = say("Draft, made of what was recorded up to entry %(position)s.")
FROZEN = say("Frozen on %(day)s.")
SIGNED = say("Checkpoint of the ledger")
KEEP = say("Keep these lines: with them anybody can check later that nothing was altered.")
CODE = say("QR code with the same lines")
DONE_IN = say("This was done in %(year)s")
NEXT = say("Focus in %(year)s")
STANDING = say("%(name)s (until the board says otherwise)")
NOBODY = say("No members have been recorded.")
PERSONS = say("persons: %(n)s")
SINCE = say("from %(day)s")
UNTIL = say("until %(day)s")
ORGAN, HELD, DAYS = say("Organ"), say("Meetings held"), say("Days")
MATTERS_BY = say("How many matters were raised where")
DONE_BY = say("How much was done for what")
MATTERS, AREA, NUMBER = say("Matters"), say("Focus area"), say("How many")
WANTED, MISSED, CANCELLED = say("To be held"), say("Not met as often as it was to"), say(
    "Cancelled"
)  # fmt: skip
WORKS, DOES_NOT, CHANGE = say("What works"), say("What does not work"), say("What to change")
EMPTY: Mapping[AnnualSection, str] = {
    AnnualSection.STRUCTURE: say("No organ was there in this year."),
    AnnualSection.MEETINGS: say("No meeting has been recorded."),
    AnnualSection.IN_THE_TEAMS: say("No matter was raised in the teams."),
    AnnualSection.IN_THE_GROUP: say("No matter came before the group."),
    AnnualSection.DONE: say("Nothing has been recorded yet."),
    AnnualSection.CHALLENGES: say("Nothing has been observed."),
    AnnualSection.FEEDBACK: say("No service has said anything yet."),
    AnnualSection.NEXT_YEAR: say("The board has set no focus areas for the year after."),
}
ROLES = (SeatRole.CHAIR, SeatRole.DEPUTY_CHAIR, SeatRole.MEMBER, SeatRole.SECRETARY)


Counts = Mapping[AnnualSection, Mapping[str, int]]
"""How many matters a section has of each organ, whether it lists all of them or not."""


def sheet_of(told: AnnualAnswer, tongue: Tongue, counts: Counts) -> Sheet:
    """What is printed of a report."""
    return _Written(told, tongue, counts).sheet()


def lines_of(sheet: Sheet) -> Iterator[Line]:
    """What stands in a sheet, line by line and number by number."""
    for part in sheet.parts:
        section = str(part.section)
        for n, words in enumerate(part.words, start=1):
            yield Line(section, "", str(n), "words", words)
        for block in part.blocks:
            yield from _lines_of(section, block)


def _lines_of(section: str, block: Block) -> Iterator[Line]:
    by = block.heading or ""
    for n, line in enumerate(block.lines, start=1):
        yield Line(section, by, str(n), "line", line)
    if block.bars is not None:
        yield from (Line(section, by, one.label, "number", one.count) for one in block.bars.bars)
    if block.table is not None:
        _, *columns = block.table.head
        for key, *cells in block.table.rows:
            for column, one in zip(columns, cells, strict=True):
                yield Line(section, by, key, column, int(one) if one.isdecimal() else one)


class _Written:
    """A report being put into words."""

    def __init__(self, told: AnnualAnswer, tongue: Tongue, counts: Counts) -> None:
        self.told = told
        self.tongue = tongue
        self.counts = counts
        self.names = {organ.key: organ.name or organ.key for organ in told.organs}
        self.unstated = {organ.key for organ in told.organs if organ.kind == NOT_STATED}

    def sheet(self) -> Sheet:
        told, say_ = self.told, self.tongue.gettext
        day = told.frozen_at.date() if told.frozen_at is not None else None
        frozen = say_(FROZEN) % {"day": self.tongue.day(day)} if day is not None else None
        return Sheet(
            language=self.tongue.language,
            title=say_(TITLE) % {"year": told.year},
            state=frozen or say_(DRAFT) % {"position": told.position},
            parts=list(self.parts()),
            checkpoint=told.signed.short.split() if told.signed is not None else [],
            signed=say_(SIGNED),
            keep=say_(KEEP),
            code=say_(CODE),
            day=(day.isoformat() if day is not None else f"{told.year}-12-31"),
        )

    def parts(self) -> Iterator[Part]:
        blocks: Mapping[AnnualSection, Callable[[], Iterator[Block]]] = {
            AnnualSection.FOREWORD: lambda: iter(()),
            AnnualSection.STRUCTURE: self.structure,
            AnnualSection.MEETINGS: self.meetings,
            AnnualSection.IN_THE_TEAMS: self.in_the_teams,
            AnnualSection.IN_THE_GROUP: self.in_the_group,
            AnnualSection.DONE: self.done,
            AnnualSection.CHALLENGES: self.challenges,
            AnnualSection.FEEDBACK: self.feedback,
            AnnualSection.NEXT_YEAR: self.next_year,
        }
        written = {one.section: one.text for one in self.told.sections}
        for section, made in blocks.items():
            its = list(made())
            said = _paragraphs(self.said(written[section])) if section in written else []
            empty = EMPTY.get(section) if not its else None
            yield Part(
                section=section,
                heading=self.heading(section),
                words=said,
                blocks=its,
                note=self.tongue.gettext(empty) if empty else None,
            )

    def heading(self, section: AnnualSection) -> str:
        match section:
            case AnnualSection.DONE:
                return self.tongue.gettext(DONE_IN) % {"year": self.told.year}
            case AnnualSection.NEXT_YEAR:
                return self.tongue.gettext(NEXT) % {"year": self.told.year + 1}
        return self.tongue.gettext(section.value)

    # The sections.

    def structure(self) -> Iterator[Block]:
        """Where a file does not say which team, none is made up."""
        for organ in self.told.organs:
            if organ.kind != NOT_STATED:
                nobody = [self.tongue.gettext(NOBODY)]
                lines = list(self.seats(organ)) or nobody
                yield Block(heading=self.names[organ.key], lines=lines)

    def seats(self, organ: OrganInYear) -> Iterator[str]:
        for role in ROLES:
            its = [seat for seat in organ.seats if seat.role is role]
            named = [(seat.represents or seat.service, seat) for seat in its]
            told = [self.seat(who, seat) for who, seat in named if who]
            if persons := len(its) - len(told):
                told.append(self.tongue.gettext(PERSONS) % {"n": persons})
            if told:
                yield f"{self.tongue.gettext(role.value)}: {'; '.join(told)}"

    def seat(self, who: str, seat: SeatInYear) -> str:
        year, known = self.told.year, []
        if seat.taken_on is not None and seat.taken_on.year == year:
            known.append(self.tongue.gettext(SINCE) % {"day": self.tongue.day(seat.taken_on)})
        if seat.left_on is not None and seat.left_on.year == year:
            known.append(self.tongue.gettext(UNTIL) % {"day": self.tongue.day(seat.left_on)})
        return f"{who} ({', '.join(known)})" if known else who

    def meetings(self) -> Iterator[Block]:
        if self.told.meetings:
            head = [self.tongue.gettext(one) for one in (ORGAN, HELD, WANTED, CANCELLED, DAYS)]
            rows = [self.held(one) for one in self.told.meetings]
            yield Block(table=Table(head=head, rows=rows))
            counts = [(self.names[one.organ], len(one.held)) for one in self.told.meetings]
            yield from self.bars(HELD, (ORGAN, NUMBER), counts)
        missed = [
            f"{self.names[one.organ]}: "
            + ", ".join(f"{self.day(p.from_)} – {self.day(p.to)}" for p in one.missed)
            for one in self.told.meetings
            if one.missed
        ]
        if missed:
            yield Block(heading=self.tongue.gettext(MISSED), lines=missed)

    def held(self, one: MeetingsInYear) -> list[str]:
        wanted = "–" if one.wanted is None else str(one.wanted)
        days = ", ".join(f"{h.held_on.day}.{h.held_on.month}." for h in one.held) or "–"
        return [self.names[one.organ], str(len(one.held)), wanted, str(one.cancelled), days]

    def in_the_teams(self) -> Iterator[Block]:
        counts = self.counts[AnnualSection.IN_THE_TEAMS]
        known = [organ for organ in self.names if organ in counts and organ not in self.unstated]
        of_each = [(self.names[organ], counts[organ]) for organ in known]
        yield from self.bars(MATTERS_BY, (ORGAN, MATTERS), of_each)
        yield from self.matters(self.told.in_the_teams, counts)

    def in_the_group(self) -> Iterator[Block]:
        yield from self.matters(self.told.in_the_group, self.counts[AnnualSection.IN_THE_GROUP])

    def bars(
        self, title: str, head: tuple[str, str], counts: Sequence[tuple[str, int]]
    ) -> Iterator[Block]:
        """Of one alone there is nothing to compare."""
        most = max((many for _, many in counts), default=0)
        if len(counts) > 1 and most:
            bars = [
                Bar(label=label, count=many, length=round(100 * many / most))
                for label, many in counts
            ]
            say_ = self.tongue.gettext
            yield Block(heading=say_(title), bars=Bars(head=[say_(one) for one in head], bars=bars))

    def matters(self, told: list[MatterInYear], counts: Mapping[str, int]) -> Iterator[Block]:
        """Where there are several organs, each has its own list, in the order of the structure."""
        lists: dict[str, list[str]] = {}
        for one in told:
            withheld = self.tongue.gettext(WITHHELD)
            title = withheld if one.withheld else self.said(one.title)
            lists.setdefault(one.organ, []).append(title)
        places = list(self.names)
        for organ in sorted(lists, key=lambda key: places.index(key) if key in places else 0):
            alone = len(lists) == 1 and organ in self.unstated
            heading = None if alone else self.names.get(organ, organ)
            lines = lists[organ]
            yield Block(heading=heading, lines=lines, more=counts[organ] - len(lines))

    def done(self) -> Iterator[Block]:
        by_area: dict[str, list[str]] = {}
        for one in self.told.done:
            by_area.setdefault(one.name or one.focus_area, []).append(self.said(one.what))
        counts = [(area, len(lines)) for area, lines in by_area.items()]
        yield from self.bars(DONE_BY, (AREA, NUMBER), counts)
        for area, lines in by_area.items():
            yield Block(heading=area, lines=lines)

    def challenges(self) -> Iterator[Block]:
        """The police's first."""
        ones = sorted(self.told.challenges, key=lambda o: (o.observer != "police", o.observer))
        for observer, its in groupby(ones, key=lambda one: one.observer):
            heading = self.tongue.gettext(observer.value)
            yield Block(heading=heading, lines=[self.challenge(one) for one in its])

    def challenge(self, one: ChallengeAnswer) -> str:
        way = f" ({self.tongue.gettext(one.direction.value)})" if one.direction else ""
        return self.said(one.what) + way

    def feedback(self) -> Iterator[Block]:
        for one in self.told.feedback:
            yield Block(heading=one.name or one.service, lines=list(self.said_by(one)))

    def said_by(self, one: FeedbackAnswer) -> Iterator[str]:
        labels = {"what_works": WORKS, "what_does_not": DOES_NOT, "what_to_change": CHANGE}
        for name, label in labels.items():
            words = getattr(one, name)
            if words is not None or name in one.erased:
                yield f"{self.tongue.gettext(label)}: {self.said(words)}"

    def next_year(self) -> Iterator[Block]:
        lines = [
            self.said(one.name)
            if one.year is not None
            else self.tongue.gettext(STANDING) % {"name": self.said(one.name)}
            for one in self.told.next_year
        ]
        if lines:
            yield Block(lines=lines)

    # Words.

    def said(self, words: str | None) -> str:
        return words if words is not None else self.tongue.gettext(GONE)

    def day(self, day: object) -> str:
        return self.tongue.short_day(str(day))


def _paragraphs(words: str) -> list[str]:
    lines: Iterable[str] = (line.strip() for line in words.splitlines())
    return [line for line in lines if line]
