"""Delivery: by mail to a real server, to webhooks that answer, fail and hang."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from api import hooks
from api.delivery import Delivery
from api.installation import OpenLedger
from api.mail import MailServer
from api.rounds import FIRST_WAIT, LONGEST_WAIT, TRIES, Means
from ledger import restore
from projections import outbox as out
from tests.conftest import SECRET
from tests.domain.topologies import GROUP, TEAM
from tests.lives import Town, as_owner, settled
from tests.meetings import convened
from tests.notices import outbox, queue, sits, wants_mail
from tests.receivers import Mailbox, Receiver, mail_server, receiving, silent, wait_for

RAISER, LEADER = "p-raiser", "p-leader"
ALL = ["CaseRaised", "CaseEscalated", "CaseClosed", "MeetingConvened"]


@pytest.fixture
def town(ledger: OpenLedger) -> Town:
    town = settled(ledger)
    sits(town, RAISER, TEAM)
    sits(town, LEADER, GROUP)
    ledger.follower.catch_up()
    return town


def means(mailbox: Mailbox | None = None, **facts: object) -> Means:
    port = mailbox.port if mailbox is not None else 1
    server = MailServer(
        host="127.0.0.1", port=port, security="none", sender="loft@example.no",
        public_url="https://loft.example.no", patience=1.0,
    )  # fmt: skip
    usual = {"secret": SECRET, "mail": server, "private": True, "first_wait": 0.1, "patience": 1.0}
    return Means(**(usual | facts))  # type: ignore[arg-type]


@contextmanager
def delivering(town: Town, means_: Means) -> Iterator[Delivery]:
    delivery = Delivery(town.ledger, means_)
    delivery.start()
    try:
        yield delivery
    finally:
        delivery.stop()


def hooked(town: Town, receiver: Receiver) -> tuple[str, str]:
    """A webhook that leads to *receiver*: its id and its secret."""
    with town.ledger.database.connection() as connection:
        return hooks.register(
            connection, means().seal, url=f"{receiver.url}/in", events=ALL, by="a-5"
        )


def states(town: Town) -> list[str]:
    return [row["state"] for row in outbox(town)]


def is_settled(town: Town) -> bool:
    return bool(outbox(town)) and "pending" not in states(town)


def happens(town: Town, cases: int = 1) -> list[str]:
    """So many cases are raised, and taken in; their numbers."""
    made = [town.raises().state.number for _ in range(cases)]
    town.ledger.follower.catch_up()
    return [str(number) for number in made]


# Mail.


def text(message: EmailMessage) -> str:
    return str(message.get_content())


def test_a_mail_says_the_number_what_happened_and_where_and_no_words(town: Town) -> None:
    with mail_server() as box, delivering(town, means(box)):
        wants_mail(town, RAISER)
        (number,) = happens(town)
        wait_for(lambda: is_settled(town))
    (message,) = box.taken
    assert message["Subject"] == f"Løft: Sak {number} er meldt inn"
    assert message["To"] == f"{RAISER}@example.no"
    assert f"https://loft.example.no/cases/{number}" in text(message)
    assert "Choking game" not in text(message)
    assert states(town) == ["sent"]


def test_a_repeat_of_a_mail_has_the_same_message_id(town: Town) -> None:
    with mail_server() as box, delivering(town, means(box)):
        wants_mail(town, RAISER)
        happens(town, 2)
        wait_for(lambda: is_settled(town))
        with town.ledger.database.connection() as connection:
            connection.execute("UPDATE outbox SET state = 'pending'")
        wait_for(lambda: is_settled(town))
    assert box.ids[:2] == box.ids[2:]
    assert len({*box.ids}) == 2


def test_a_server_that_takes_one_mail_and_not_the_next_is_asked_again_for_that_alone(
    town: Town,
) -> None:
    says = ["250 OK", "451 Try again later", "250 OK"].__getitem__
    with mail_server(says) as box, delivering(town, means(box)):
        wants_mail(town, RAISER)
        numbers = happens(town, 2)
        wait_for(lambda: is_settled(town))
    assert [subject.split()[2] for subject in box.subjects] == numbers
    assert (box.asked, states(town)) == (3, ["sent", "sent"])


def test_what_a_server_refuses_for_good_is_parked_and_the_rest_goes_on(town: Town) -> None:
    says = ["550 No such mailbox", "250 OK"].__getitem__
    with mail_server(says) as box, delivering(town, means(box)):
        wants_mail(town, RAISER)
        _, second = happens(town, 2)
        wait_for(lambda: is_settled(town))
    assert [(row["state"], row["problem"]) for row in outbox(town)] == [
        ("parked", "smtp-550"), ("sent", None)
    ]  # fmt: skip
    assert second in box.subjects[0]


def test_what_is_never_taken_is_parked_at_last_and_can_be_released(town: Town) -> None:
    with mail_server(lambda _: "451 Not now") as box, delivering(town, means(box, tries=3)):
        wants_mail(town, RAISER)
        happens(town)
        wait_for(lambda: states(town) == ["parked"])
        box.says = lambda _: "250 OK"
        with town.ledger.database.connection() as connection:
            (stuck,) = out.stuck(connection)
            assert (stuck.state, stuck.problem, stuck.attempts) == ("parked", "smtp-451", 3)
            assert out.release(connection, channel="mail", recipient=RAISER) == 1
        wait_for(lambda: states(town) == ["sent"])


def test_a_mail_server_that_is_silent_is_given_up_in_time(town: Town) -> None:
    with silent() as port:
        box = Mailbox(port=port)
        with delivering(town, means(box, tries=1)):
            wants_mail(town, RAISER)
            happens(town)
            wait_for(lambda: is_settled(town))
    assert [(row["state"], row["problem"]) for row in outbox(town)] == [("parked", "timeout")]


def test_a_digest_is_one_mail_or_none(town: Town) -> None:
    says = ["451 Not now", "250 OK"].__getitem__
    with mail_server(says) as box, delivering(town, means(box)):
        wants_mail(town, RAISER, mode="daily", hour=3)
        numbers = happens(town, 3)
        with town.ledger.database.connection() as connection:
            connection.execute("UPDATE outbox SET due_at = '2026-01-01 03:00+01'")
        wait_for(lambda: is_settled(town))
    (message,) = box.taken
    assert message["Subject"] == "Løft: 3 nye varsler"
    assert all(number in text(message) for number in numbers)
    assert box.asked == 2
    assert states(town) == ["sent"] * 3


def test_who_has_erased_their_address_is_sent_nothing_more(town: Town) -> None:
    wants_mail(town, RAISER)
    happens(town)
    with town.ledger.database.connection() as connection:
        connection.execute("DELETE FROM notice_choices")
    with mail_server() as box, delivering(town, means(box)):
        wait_for(lambda: states(town) == ["withheld"])
    assert box.taken == []


def test_a_case_that_was_restricted_meanwhile_is_not_told_of(town: Town) -> None:
    with receiving() as receiver, mail_server() as box:
        hooked(town, receiver)
        wants_mail(town, RAISER)
        case = town.raised()
        town.ledger.follower.catch_up()
        town.does(case, "restrict", people=(LEADER,))
        town.ledger.follower.catch_up()
        with delivering(town, means(box)):
            wait_for(lambda: is_settled(town))
    assert states(town) == ["withheld", "withheld"]
    assert (box.taken, receiver.posted) == ([], [])


# Webhooks.


def test_a_webhook_is_a_signed_cloud_event_without_words(town: Town) -> None:
    with receiving() as receiver, delivering(town, means()):
        _, secret = hooked(town, receiver)
        (number,) = happens(town)
        convened(town, GROUP)
        town.ledger.follower.catch_up()
        wait_for(lambda: len(outbox(town)) == 2 and is_settled(town))
    first, second = receiver.posted
    told = Webhook(secret).verify(first.body, first.headers)
    assert told["type"] == "no.loft.CaseRaised"
    assert (told["specversion"], told["subject"]) == ("1.0", number)
    assert told["data"].keys() == {"position", "event", "case", "number", "meeting"}
    assert first.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert b"Choking" not in first.body
    assert json.loads(second.body)["data"]["meeting"] is not None
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(first.body + b" ", first.headers)


def test_both_secrets_sign_while_one_follows_the_other(town: Town) -> None:
    with receiving() as receiver:
        hook_id, former = hooked(town, receiver)
        with town.ledger.database.connection() as connection:
            secret = hooks.rotate(
                connection, means().seal, hook_id,
                now=datetime.now(UTC), beside=timedelta(hours=1),
            )  # fmt: skip
        with delivering(town, means()):
            happens(town)
            wait_for(lambda: is_settled(town))
            with town.ledger.database.connection() as connection:
                connection.execute("UPDATE webhooks SET former_until = clock_timestamp()")
            happens(town)
            wait_for(lambda: is_settled(town))
    first, second = receiver.posted
    for one in (former, secret):
        Webhook(one).verify(first.body, first.headers)
    Webhook(secret).verify(second.body, second.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(former).verify(second.body, second.headers)


def test_a_receiver_that_fails_is_tried_again_in_order_under_the_same_id(town: Town) -> None:
    answers = [503, 200, 302, 500, 200].__getitem__
    with receiving(answers) as receiver, delivering(town, means()):
        hooked(town, receiver)
        happens(town, 2)
        wait_for(lambda: is_settled(town))
    first, second = dict.fromkeys(receiver.ids)
    assert receiver.ids == [first, first, second, second, second]
    assert {one.path for one in receiver.posted} == {"/in"}, "no redirect was followed"
    assert states(town) == ["sent", "sent"]


def test_a_receiver_that_hangs_or_always_fails_holds_nobody_up_and_is_parked(town: Town) -> None:
    with receiving(lambda _: None) as hangs, receiving(lambda _: 500) as fails:
        with receiving() as works, delivering(town, means(tries=2)):
            parked = [hooked(town, hangs)[0], hooked(town, fails)[0]]
            hooked(town, works)
            happens(town, 20)
            wait_for(lambda: len(works.posted) == 20)
            wait_for(lambda: _parked(town) == {parked[0]: "timeout", parked[1]: "http-500"})
        assert states(town).count("sent") == 20
        with town.ledger.database.connection() as connection:
            assert out.forgotten(connection, ["webhook"]) == [], "nobody is woken for them"
        fails.answers = lambda _: 200
        with town.ledger.database.connection() as connection, connection.transaction():
            hooks.release(connection, parked[1])
        with delivering(town, means(tries=2)):
            wait_for(lambda: states(town).count("sent") == 40)


def _parked(town: Town) -> dict[str, str]:
    rows = town.ledger.database.rows(
        "SELECT id, problem FROM webhooks WHERE parked_at IS NOT NULL ORDER BY id"
    )
    return dict(rows)


def test_a_receiver_that_is_gone_is_parked_at_once(town: Town) -> None:
    with receiving(lambda _: 410) as receiver, delivering(town, means()):
        hook_id, _ = hooked(town, receiver)
        happens(town)
        wait_for(lambda: _parked(town) == {hook_id: "http-410"})


def test_a_private_address_is_refused_when_it_is_connected_to(town: Town) -> None:
    with receiving() as receiver, delivering(town, means(private=False, tries=1)):
        hook_id, _ = hooked(town, receiver)
        happens(town)
        wait_for(lambda: _parked(town) == {hook_id: "address-refused"})
    assert receiver.posted == []


def test_a_secret_of_another_installation_sends_nothing_until_there_is_a_new_one(
    town: Town,
) -> None:
    others = means(secret=b"another")
    with receiving() as receiver:
        hook_id, _ = hooked(town, receiver)
        happens(town)
        with delivering(town, others):
            wait_for(lambda: _parked(town) == {hook_id: "secret-lost"})
        assert receiver.posted == []
        with town.ledger.database.connection() as connection, connection.transaction():
            now, beside = datetime.now(UTC), timedelta(hours=1)
            secret = hooks.rotate(connection, others.seal, hook_id, now=now, beside=beside)
            hooks.release(connection, hook_id)
        with delivering(town, others):
            wait_for(lambda: is_settled(town))
    Webhook(secret).verify(receiver.posted[0].body, receiver.posted[0].headers)


def test_a_webhook_that_is_deleted_is_told_of_nothing_more(town: Town) -> None:
    with receiving() as receiver:
        hook_id, _ = hooked(town, receiver)
        happens(town)
        with town.ledger.database.connection() as connection, connection.transaction():
            hooks.delete(connection, hook_id)
        with delivering(town, means()):
            wait_for(lambda: states(town) == ["withheld"])
        happens(town)
    assert (receiver.posted, len(outbox(town))) == ([], 1)


# What goes wrong.


def test_what_waited_in_a_backup_is_held_back_until_somebody_releases_it(town: Town) -> None:
    with receiving() as receiver, mail_server() as box:
        hook_id, _ = hooked(town, receiver)
        wants_mail(town, RAISER)
        happens(town)
        with as_owner(town.ledger) as connection:
            for held_back in restore.HELD_BACK:
                connection.execute(held_back)
        with delivering(town, means(box)):
            happens(town)
            wait_for(lambda: states(town) == ["restored", "restored", "sent", "pending"])
            assert len(box.taken) == 1
            assert _parked(town) == {hook_id: "restored"}
            with town.ledger.database.connection() as connection, connection.transaction():
                hooks.release(connection, hook_id)
            wait_for(lambda: len(receiver.posted) == 2)
    assert states(town)[0] == "restored", "by mail it waits to be released"


def test_a_job_whose_worker_died_is_taken_up(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.delivery.DEAD", 3.0)
    monkeypatch.setattr("api.delivery.HEARTBEAT", 0.5)
    with receiving() as receiver:
        hooked(town, receiver)
        happens(town)
        with queue(town) as connection:
            connection.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
            connection.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', "
                "worker_id = (SELECT max(id) FROM procrastinate_workers)"
            )
        with delivering(town, means()):
            wait_for(lambda: is_settled(town))
    assert len(receiver.posted) == 1


def test_a_receiver_that_another_delivers_to_waits_its_turn(town: Town) -> None:
    with receiving() as receiver:
        hook_id, _ = hooked(town, receiver)
        with town.ledger.database.connect() as other:
            other.execute(
                "SELECT pg_advisory_lock(hashtext(current_schema() || %s))",
                (f"deliver webhook:{hook_id}",),
            )
            with delivering(town, means()):
                happens(town)
                wait_for(lambda: ("todo", True) in _waiting(town))
                assert receiver.posted == []
                other.close()
                wait_for(lambda: is_settled(town))
    assert len(receiver.posted) == 1


def _waiting(town: Town) -> list[tuple[str, bool]]:
    with queue(town) as connection:
        return connection.execute(
            "SELECT status::text, scheduled_at IS NOT NULL FROM procrastinate_jobs ORDER BY id"
        ).fetchall()


def test_it_waits_twice_as_long_each_time_for_about_a_day() -> None:
    waits = [Means().wait(failed) for failed in range(1, TRIES)]
    assert waits[:3] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    assert max(waits) == LONGEST_WAIT
    assert timedelta(hours=20) < timedelta(seconds=sum(waits)) < timedelta(hours=28)
