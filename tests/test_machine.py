"""Whole lives at random, through the engine, on a real database: what holds for every history.

Up to four cases in Bærum, lived by two processes that share the ledger, with a follower that lags.
What the rules refuse does not happen.
"""

from contextlib import ExitStack
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from zipfile import ZipFile

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from api.installation import OpenLedger
from domain.case import Case
from domain.errors import Refusal
from domain.terms import Conclusion, Effect, Outcome
from ledger import live, verifier
from ledger.bundle import Part, write
from ledger.commands import Command
from ledger.engine import Seen
from projections.case_status import CaseFilter, listed
from tests.conftest import Server, notary_of
from tests.domain.scenario import COORDINATOR, FRIDAY, MONDAY, NEXT_FRIDAY, TUESDAY
from tests.domain.topologies import BOARD, GROUP, OTHER_TEAM, PROGRAMME, TEAM
from tests.ledger.leaves import wrong_leaves
from tests.lives import Town, another, everything
from tests.projections.rebuilding import assert_views_equal_a_rebuild
from tests.projections.test_overview import counts, recounted

ORGANS = st.sampled_from([TEAM, OTHER_TEAM, GROUP, PROGRAMME, BOARD, "ikke-oppgitt"])
WHICH = st.integers(0, 3)
TIMES = st.sampled_from([TUESDAY, FRIDAY, NEXT_FRIDAY])
TODAY = date(2026, 6, 1)
EXAMPLES = 12


class WholeLives(RuleBasedStateMachine):
    server: ClassVar[Server]
    template: ClassVar[str]
    done: ClassVar[int] = 0
    """How many commands were done in all, so that a machine that is always refused is told."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.name = self.server.copy(self.template)
        self.stack.callback(self.server.drop, self.name)
        here = self.stack.enter_context(self.server.opened(self.name))
        there = self.stack.enter_context(another(here))
        self.towns = [Town(here), Town(there)]
        self.begin = here.engine.ledger.size()
        self.cases: list[str] = []
        self.notary = notary_of(here)
        self.printed: list[str] = []
        """Every checkpoint that was signed, as minutes print it."""
        self.erased: dict[str, bytes] = {}
        """The salts of what was erased, by text id: they are as random as no word is."""
        self.known: dict[int, dict[str, Case]] = {}
        """By position: the four cases as they were right after it."""

    @property
    def town(self) -> Town:
        return self.towns[0]

    @property
    def ledger(self) -> OpenLedger:
        return self.town.ledger

    def case(self, which: int) -> str:
        return self.cases[which % len(self.cases)]

    def attempt(self, what: str, which: int, *numbers: int, **facts: Any) -> None:
        """By whichever process comes next."""
        self.towns.reverse()
        self.live(lambda: self.town.does(self.case(which), what, *numbers, **facts))

    def live(self, command: Any) -> None:
        try:
            seen: Seen[Case] = command()
        except Refusal:
            return
        type(self).done += 1
        loaded = {case: self.town.case(case) for case in self.cases}
        if seen.state.id not in loaded:
            self.cases.append(seen.state.id)
            loaded[seen.state.id] = self.town.case(seen.state.id)
        assert seen.state == loaded[seen.state.id]
        self.known[seen.position] = loaded

    # What is done.

    @initialize(organs=st.lists(ORGANS, min_size=4, max_size=4))
    def raise_(self, organs: list[str]) -> None:
        for organ in organs:
            self.live(lambda organ=organ: self.town.raises(raised_by=organ, at=MONDAY))

    @rule(which=WHICH, conclusion=st.sampled_from(Conclusion), at=TIMES)
    def discuss(self, which: int, conclusion: Conclusion, at: Any) -> None:
        decision = "Vi åpner en hall" if conclusion is Conclusion.DECIDED else None
        self.attempt("discuss", which, conclusion=conclusion, decision=decision, at=at)

    @rule(which=WHICH, to=ORGANS, urgent=st.booleans(), there=st.sampled_from([None, "Snus"]))
    def lift(self, which: int, to: str, urgent: bool, there: str | None) -> None:
        self.attempt("escalate", which, to=to, urgent=urgent, title_there=there)

    @rule(which=WHICH, to=ORGANS)
    def return_(self, which: int, to: str) -> None:
        self.attempt("return_", which, to=to)

    @rule(which=WHICH, to=ORGANS, due=st.sampled_from([date(2026, 3, 1), date(2026, 12, 1)]))
    def assign(self, which: int, to: str, due: date) -> None:
        services = sorted(self.town.topology.services)
        service = to if to in {GROUP, BOARD} else services[len(to) % len(services)]
        self.attempt("assign", which, service=service, due_on=due)

    @rule(which=WHICH, what=st.sampled_from(["accept", "decline", "complete"]), n=st.integers(1, 3))
    def answer_assignment(self, which: int, what: str, n: int) -> None:
        self.attempt(what, which, n)

    @rule(which=WHICH, effect=st.none() | st.sampled_from(Effect))
    def measure(self, which: int, effect: Effect | None) -> None:
        if effect is None:
            self.attempt("start_measure", which)
        else:
            self.attempt("evaluate_measure", which, 1, effect=effect)

    @rule(which=WHICH, what=st.sampled_from(["note", "refer", "pause", "resume"]), at=TIMES)
    def put_beside(self, which: int, what: str, at: Any) -> None:
        self.attempt(what, which, at=at)

    @rule(which=WHICH, theme=st.sampled_from(["rus", "vold"]))
    def reclassify(self, which: int, theme: str) -> None:
        self.attempt("reclassify", which, themes=(theme,))

    @rule(which=WHICH, to=ORGANS, n=st.integers(1, 2), again=st.sampled_from([None, "Når da?"]))
    def answer(self, which: int, to: str, n: int, again: str | None) -> None:
        self.attempt("answer", which, to=to)
        self.attempt("acknowledge", which, n, asks_again=again, by=COORDINATOR)

    @precondition(lambda self: len(self.known) > 8)
    @rule(which=WHICH, reopen=st.booleans())
    def close(self, which: int, reopen: bool) -> None:
        self.attempt("reopen" if reopen else "close", which)

    @precondition(lambda self: len(self.known) > 8)
    @rule(which=WHICH, into=WHICH)
    def merge(self, which: int, into: int) -> None:
        other = self.town.case(self.case(into))
        self.attempt("close", which, outcome=Outcome.MERGED, merged_into=other)

    @rule(which=WHICH, into=WHICH)
    def link(self, which: int, into: int) -> None:
        self.attempt("link", which, other=self.case(into))

    @rule(which=WHICH, back=st.integers(1, 4), data=st.data())
    def look_back(self, which: int, back: int, data: st.DataObject) -> None:
        """Reverse a decision, or correct an entry."""
        case = self.town.case(self.case(which))
        if case.standing and data.draw(st.booleans()):
            version = case.standing[-min(back, len(case.standing))].version
            place = {"reverses": version, "position": self.town.position(case.id, version)}
            self.attempt("reverse", which, **place)
        else:
            version = max(1, case.version - back)
            place = {"corrects": version, "position": self.town.position(case.id, version)}
            self.attempt("correct", which, **place)

    @rule(which=WHICH, data=st.data())
    def erase(self, which: int, data: st.DataObject) -> None:
        """Any text of the case, whatever has become of it since."""
        case = self.case(which)
        texts = self.ledger.database.rows(
            "SELECT id::text, words, salt FROM texts WHERE stream_id = %(case)s "
            "ORDER BY position, id",
            case=case,
        )
        if texts:
            text_id, _, salt = texts[data.draw(st.integers(0, 10**6)) % len(texts)]
            self.attempt("erase", which, text_id=text_id)
            self.erased[text_id] = salt

    @rule()
    def sign(self) -> None:
        _, signed = self.notary.sign(datetime.now(UTC))
        self.printed.append(signed.checkpoint.short)

    @precondition(lambda self: self.known)
    @rule(which=WHICH)
    def send_twice(self, which: int) -> None:
        """Both processes are sent one command with one key."""
        case, command = self.case(which), Command(COORDINATOR, key=f"k-{len(self.known)}")
        size = self.ledger.engine.ledger.size()
        self.live(lambda: self.towns[0].does(case, "note", command=command))
        self.live(lambda: self.towns[1].does(case, "note", command=command))
        assert self.ledger.engine.ledger.size() <= size + 1

    @rule()
    def follow(self) -> None:
        self.ledger.follower.catch_up()
        self.ledger.follower.release()

    # What always holds.

    @invariant()
    def positions_have_no_gap(self) -> None:
        size = self.ledger.engine.ledger.size()
        assert size == self.begin + len(self.known)
        assert list(self.known) == list(range(self.begin + 1, size + 1))

    def teardown(self) -> None:
        with self.stack:
            self.every_state_of_then_is_told_again()
            self.ledger.follower.catch_up()
            self.views_tell_every_state_of_then()
            assert wrong_leaves(self.ledger) == []
            self.every_promise_is_kept()
            self.what_was_erased_is_nowhere()
            assert_views_equal_a_rebuild(self.ledger)

    def every_promise_is_kept(self) -> None:
        self.sign()
        for printed in self.printed:
            verdict = live.verify(self.notary, checkpoint=printed, language="en")
            assert verdict.ok, verdict.what
        if self.erased:
            assert "erased under" in verdict.what

    def what_was_erased_is_nowhere(self) -> None:
        file = self.notary.outside.with_suffix(".zip")
        write(self.notary, file, Part())
        assert verifier.verify(file).ok
        with ZipFile(file) as bundle:
            held = b"".join(bundle.read(name) for name in bundle.namelist()).decode()
        told = everything(self.ledger)
        for text_id, salt in self.erased.items():
            assert salt.hex() not in held
            assert salt.hex() not in told
            assert text_id in held, "that it was erased is told"
        file.unlink()

    def every_state_of_then_is_told_again(self) -> None:
        for position, cases in self.known.items():
            for case, state in cases.items():
                assert self.town.case(case, position) == state

    def views_tell_every_state_of_then(self) -> None:
        for position, cases in self.known.items():
            rows = listed(
                self.ledger.database, CaseFilter(), today=TODAY, as_of=position, limit=1000
            )
            told = [row.case for row in rows]
            assert told[-len(cases) :] == [cases[case] for case in self.cases[: len(cases)]]
            assert counts(self.ledger.database, as_of=position) == recounted(told)


def test_what_holds_for_every_history(server: Server, baerum_template: str) -> None:
    WholeLives.server, WholeLives.template, WholeLives.done = server, baerum_template, 0
    run_state_machine_as_test(
        WholeLives,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert WholeLives.done > EXAMPLES * 8
