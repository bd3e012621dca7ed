"""Who is told of what, and what of it is to go out of the house."""

import pytest

from api.installation import OpenLedger
from domain.actor import Actor, Role
from domain.event import Occurred, Source
from domain.notice import KINDS
from projections import outbox as out
from projections.build import Builder
from projections.notices import Notices
from projections.outbox import Receiver
from tests.domain.scenario import COORDINATOR, MONDAY
from tests.domain.topologies import GROUP, OTHER_TEAM, OUTREACH, TEAM
from tests.lives import Town, another, as_owner, settled
from tests.meetings import convened, meets
from tests.notices import jobs, outbox, queue, sits, told, wants_mail

RAISER, LEADER, WORKER, STRANGER = "p-raiser", "p-leader", "p-worker", "p-stranger"


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    """With somebody in the team, in the group, in the service and in another team."""
    town = settled(ledger)
    for person, place in {
        RAISER: TEAM, LEADER: GROUP, WORKER: OUTREACH, STRANGER: OTHER_TEAM
    }.items():  # fmt: skip
        sits(town, person, place)
    return town


def followed(town: Town) -> dict[str, list[str]]:
    town.ledger.follower.catch_up()
    return told(town)


def test_each_hears_of_what_concerns_them(town: Town) -> None:
    town.whole_life()
    heard = followed(town)
    assert heard[RAISER] == [
        "CaseRaised", "CaseEscalated", "CaseAssigned", "AnswerGiven", "CaseClosed"
    ]  # fmt: skip
    assert heard[LEADER] == [
        "CaseEscalated", "CaseAssigned", "AssignmentAccepted", "AssignmentCompleted",
        "AnswerGiven", "AnswerAcknowledged", "CaseClosed",
    ]  # fmt: skip
    assert heard[WORKER] == ["CaseAssigned"]
    assert STRANGER not in heard


def test_what_is_sent_down_and_opened_again_is_told_to_both_ends(town: Town) -> None:
    case = town.raised(raised_by=OTHER_TEAM)
    town.does(case, "escalate", urgent=True)
    town.does(case, "return_", to=OTHER_TEAM)
    town.does(case, "close")
    town.does(case, "reopen")
    heard = followed(town)
    assert heard[LEADER] == ["CaseEscalated", "CaseReturned", "CaseClosed", "CaseReopened"]
    assert heard[STRANGER] == ["CaseRaised", *heard[LEADER]]


def test_nobody_is_told_of_what_they_did(town: Town) -> None:
    case = town.raised()
    town.does(case, "discuss")
    town.does(case, "escalate", by=Actor(id=LEADER, role=Role.COORDINATOR))
    heard = followed(town)
    assert heard[RAISER] == ["CaseRaised", "CaseEscalated"]
    assert LEADER not in heard


def test_of_a_restricted_case_only_those_named_hear(town: Town) -> None:
    case = town.raised()
    town.does(case, "restrict", people=(LEADER,))
    town.does(case, "escalate", urgent=True, by=COORDINATOR)
    assert followed(town) == {RAISER: ["CaseRaised"], LEADER: ["CaseEscalated"]}


def test_the_invited_hear_of_a_meeting_and_its_moves(town: Town) -> None:
    meeting = convened(town, GROUP, persons=(WORKER,))
    meets(town, meeting, "cancel")
    heard = followed(town)
    assert heard == {who: ["MeetingConvened", "MeetingCancelled"] for who in (LEADER, WORKER)}


def test_who_sat_where_is_judged_as_of_the_event(town: Town) -> None:
    town.raised()
    sits(town, "p-later", TEAM)
    heard = followed(town)
    assert "p-later" not in heard
    town.raised()
    assert followed(town)["p-later"] == ["CaseRaised"]


def test_a_rebuilt_view_tells_the_same_people(town: Town) -> None:
    town.whole_life()
    sits(town, "p-later", TEAM)
    town.whole_life()
    followed(town)
    assert Builder(town.engine.ledger, Notices()).build() == 0


# What goes out.


def test_a_row_and_a_job_come_with_the_event(town: Town) -> None:
    wants_mail(town, RAISER)
    case = town.raised()
    town.does(case, "escalate", urgent=True)
    town.ledger.follower.catch_up()
    assert [(r["name"], r["recipient"], r["state"]) for r in outbox(town)] == [
        ("CaseRaised", RAISER, "pending"), ("CaseEscalated", RAISER, "pending")
    ]  # fmt: skip
    assert jobs(town) == [(f"mail:{RAISER}", "todo")], "one job wakes for both"


def test_nothing_goes_out_of_what_was_before_somebody_asked_for_it(town: Town) -> None:
    town.raised()
    wants_mail(town, RAISER)
    town.ledger.follower.catch_up()
    assert outbox(town) == []
    assert jobs(town) == []


def test_nothing_goes_out_of_the_past_before_there_was_an_outbox(town: Town) -> None:
    wants_mail(town, RAISER)
    town.raised()
    with as_owner(town.ledger) as connection:
        connection.execute("UPDATE outbox_begins SET position = (SELECT size FROM head)")
    town.ledger.follower.catch_up()
    assert outbox(town) == []


def test_an_imported_history_floods_nobody(town: Town) -> None:
    wants_mail(town, RAISER)
    town.raised(at=Occurred(at=MONDAY.at, source=Source.REPORT))
    town.ledger.follower.catch_up()
    assert told(town) == {RAISER: ["CaseRaised"]}
    assert outbox(town) == []


def test_what_somebody_does_not_want_does_not_go_out(town: Town) -> None:
    wants_mail(town, RAISER, off=("CaseRaised",))
    wants_mail(town, LEADER, mode="none")
    town.whole_life()
    town.ledger.follower.catch_up()
    assert {row["recipient"] for row in outbox(town)} == {RAISER}
    assert "CaseRaised" not in {row["name"] for row in outbox(town)}


def test_a_digest_is_due_at_its_hour_and_wakes_nobody_before(town: Town) -> None:
    wants_mail(town, RAISER, mode="daily", hour=7)
    town.raised()
    town.ledger.follower.catch_up()
    (row,) = outbox(town)
    ((hour, later),) = town.ledger.database.rows(
        "SELECT extract(hour FROM due_at AT TIME ZONE 'Europe/Oslo')::int, "
        "due_at > clock_timestamp() AND due_at <= clock_timestamp() + interval '25 hours' "
        "FROM outbox"
    )
    assert (row["digest"], hour, later) == (True, 7, True)
    assert jobs(town) == []


def test_following_anew_from_nothing_adds_nothing_twice(town: Town) -> None:
    wants_mail(town, RAISER)
    town.whole_life()
    town.ledger.follower.catch_up()
    before = outbox(town)
    with town.ledger.database.connection() as connection:
        connection.execute("UPDATE outbox SET state = 'sent'")
        connection.execute("UPDATE follower SET position = 0")
        for view in town.ledger.follower.views:
            view.create(connection, view.name)
    town.ledger.follower.release()
    with another(town.ledger) as again:
        again.follower.catch_up()
    assert [row["position"] for row in outbox(town)] == [row["position"] for row in before]
    assert {row["state"] for row in outbox(town)} == {"sent"}


def test_whoever_is_at_work_is_followed_by_another_job(town: Town) -> None:
    """What comes while a job runs may be too late for it."""
    wants_mail(town, RAISER)
    town.raised()
    town.ledger.follower.catch_up()
    with queue(town) as connection:
        connection.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    town.raised()
    town.ledger.follower.catch_up()
    assert jobs(town) == [(f"mail:{RAISER}", "doing"), (f"mail:{RAISER}", "todo")]


def test_a_receiver_whose_job_is_gone_is_found(town: Town) -> None:
    wants_mail(town, RAISER)
    town.raised()
    town.ledger.follower.catch_up()
    with town.ledger.database.connection() as connection:
        assert out.forgotten(connection, ["mail"]) == []
        with queue(town) as other:
            other.execute("DELETE FROM procrastinate_jobs")
        assert out.forgotten(connection, ["mail"]) == [Receiver("mail", RAISER)]
        assert out.forgotten(connection, ["webhook"]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_said_names_nothing_but_the_number(kind: str) -> None:
    told = KINDS[kind]
    assert told.sentence("2026-0001").endswith(".")
    if told.of_an_order is not None:
        assert told.sentence(None) == told.of_an_order != told.sentence("2026-0001")
