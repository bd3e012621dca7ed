"""What was logged by mistake in a meeting that is still open is taken back: all is as before it."""

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import precondition, rule

from domain import errors
from domain.case import Case
from domain.entries import EntryWithdrawn
from domain.errors import Refusal
from domain.event import Event
from domain.noticing import DeadlineEvent
from domain.terms import Outcome
from domain.true_at import as_true_at
from tests.domain.commands import COMMANDS, RAISED, name
from tests.domain.scenario import (
    COORDINATOR,
    NEXT_FRIDAY,
    OTHER_CASE,
    TUESDAY,
    Step,
    entry,
    given,
    words,
)
from tests.domain.steps import (
    answered,
    assigned,
    closed,
    decided,
    discussed,
    lifted,
    logged,
    noted,
    raised,
    reopened,
    undone,
    withdrawn,
)
from tests.domain.test_properties import WholeLife
from tests.domain.topologies import BOARD, GROUP

OTHER_MEETING = "meeting:2"
LOGGED = [c for c in COMMANDS if c.event is not EntryWithdrawn]


def as_before(after: Case, before: Case) -> None:
    """But for the version, which never goes back."""
    assert after.but(version=before.version, logged=before.logged) == before


@pytest.mark.parametrize("command", LOGGED, ids=name)
def test_whatever_was_logged_is_taken_back_as_if_it_had_never_been(command):
    before = given(RAISED, *command.before)
    version = before.state.version + 1
    mistake = before.further(logged(command.step()))
    back = mistake.when(withdrawn(version)).allowed()
    as_before(back.state, before.state)
    assert back.state.version == version + 1


def test_a_withdrawal_says_what_it_withdraws_and_why():
    reason = words("Det var en annen sak")
    given(RAISED, logged(discussed())).when(withdrawn(2, reason=reason)).then(
        EntryWithdrawn(**entry(3, GROUP, at=TUESDAY), position=20, withdraws=2, reason=reason)
    )


def test_only_the_newest_entry_is_withdrawn():
    twice = given(RAISED, logged(discussed()), logged(noted()))
    twice.when(withdrawn(2)).refused(errors.NotLoggedHere)
    twice.when(withdrawn(1)).refused(errors.NotLoggedHere)
    once = twice.when(withdrawn(3)).allowed()
    once.when(withdrawn(3)).refused(errors.NotLoggedHere)
    as_before(once.when(withdrawn(2)).allowed().state, given(RAISED).state)


@pytest.mark.parametrize(
    "since",
    [noted(), logged(noted(), OTHER_MEETING)],
    ids=["outside meetings", "in another meeting"],
)
def test_what_something_has_followed_upon_stays(since):
    given(RAISED, logged(discussed()), since).when(withdrawn(2)).refused(errors.NotLoggedHere)


def test_what_was_logged_elsewhere_is_not_withdrawn_here():
    given(RAISED, discussed()).when(withdrawn(2)).refused(errors.NotLoggedHere)
    elsewhere = given(RAISED, logged(discussed(), OTHER_MEETING))
    elsewhere.when(withdrawn(2)).refused(errors.NotLoggedHere)
    elsewhere.when(withdrawn(2, meeting=OTHER_MEETING)).allowed()


def test_a_withdrawn_decision_is_not_one_that_can_be_reversed():
    given(RAISED, logged(decided()), withdrawn(2)).when(undone(2)).refused(errors.NotADecision)


def test_a_closing_is_withdrawn_and_nothing_else_of_a_closed_case():
    shut = given(RAISED, logged(noted()), logged(closed()))
    shut.when(withdrawn(2)).refused(errors.NotLoggedHere)
    back = shut.when(withdrawn(3)).allowed()
    back.when(reopened()).refused(errors.CaseIsNotClosed, case=None)
    back.when(discussed()).allowed()


def test_a_merge_is_reversed_and_not_withdrawn():
    other = given(raised(OTHER_CASE)).state
    merged = logged(closed(outcome=Outcome.MERGED, merged_into=other))
    given(RAISED, merged).when(withdrawn(2)).refused(errors.MergeNotWithdrawn)


def test_a_debt_that_a_merged_case_brought_meanwhile_stays():
    logged_here = given(raised(), lifted(urgent=True), logged(answered()))
    gone = given(
        raised(OTHER_CASE, raised_by=GROUP),
        lifted(to=BOARD, urgent=True),
        closed(outcome=Outcome.MERGED, merged_into=logged_here.state),
    )
    back = logged_here.further(gone.events[-1]).when(withdrawn(3)).allowed()
    assert set(back.state.owed) == {"vestre-13-16", GROUP}


def test_a_case_remembers_a_bounded_number_of_entries():
    many = given(RAISED, *[logged(noted())] * 30)
    assert len(many.state.logged) == 10
    assert all(one.before.logged == () for one in many.state.logged)


def test_what_was_withdrawn_was_never_true():
    life = given(RAISED, logged(assigned()), withdrawn(2, at=NEXT_FRIDAY))
    assert as_true_at(life.events, TUESDAY.at).assignments == ()
    assert as_true_at(life.events, NEXT_FRIDAY.at).assignments == ()
    assert as_true_at(life.events[:2], TUESDAY.at).assigned == 1


class LoggedLife(WholeLife):
    """A life of which parts are logged in meetings, and taken back."""

    meeting: str | None = None

    @property
    def that_stand(self) -> tuple[Event, ...]:
        gone = {e.withdraws for e in self.life.events if isinstance(e, EntryWithdrawn)}
        own = self.case.id
        return tuple(
            event
            for event in self.life.events
            if not isinstance(event, EntryWithdrawn)
            and not (event.originator_id == own and event.originator_version in gone)
        )

    @rule(meeting=st.sampled_from([None, "meeting:1", OTHER_MEETING]))
    def sit_down(self, meeting: str | None) -> None:
        self.meeting = meeting

    def attempt(self, step: Step) -> None:
        def here(case: Case) -> Event:
            event = step(case)
            own = event.originator_id == case.id
            return event.model_copy(update={"meeting": self.meeting}) if own else event

        super().attempt(here)

    @precondition(lambda self: self.has("logged"))
    @rule()
    def withdraw(self) -> None:
        newest = self.case.logged[-1]
        try:
            event = withdrawn(newest.version, meeting=newest.meeting, by=COORDINATOR)(self.case)
        except Refusal:
            return
        own = self.case.id
        without = [
            e for e in self.life.events
            if e.originator_id != own
            or e.originator_version < newest.version
            or isinstance(e, DeadlineEvent)  # what was recorded by itself stands: never twice
        ]  # fmt: skip
        self.life = self.life.further(event)
        expected = given(*without).state
        as_before(self.case, expected.but(logged=self.case.logged))


TestLoggedLife = LoggedLife.TestCase
TestLoggedLife.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
