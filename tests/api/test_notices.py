"""Notices over the API: what one is told and has read, how one wants mail, and webhooks."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from standardwebhooks import Webhook

from api.mail import MailServer
from api.rounds import Means
from domain.actor import Role
from domain.notice import KINDS
from tests.api.asserting import assert_refused
from tests.api.seats import confirm, person, sits
from tests.api.story import TEAM, Story
from tests.conftest import SECRET, Client
from tests.lives import as_owner
from tests.receivers import Mailbox, mail_server, receiving, wait_for

OUTSIDE = "https://192.0.32.8/loft"


@pytest.fixture(scope="module")
def reader(administrator: Client) -> Client:
    """Somebody with a seat in the team that stories begin with."""
    reader = person(administrator)
    sits(administrator, reader, f"organs/{TEAM}")
    confirm(reader)
    return reader


def raised(caseworker: Client) -> Story:
    return Story(caseworker)


def told(client: Client, **query: object) -> list[dict]:
    size = str(client.ledger.engine.ledger.size())
    answer = client.get(
        "/api/notices", params={"limit": 1000, **query}, headers={"Loft-Position": size}
    )
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


@contextmanager
def with_means(client: Client, **facts: object) -> Iterator[None]:
    """The server as if it had been set up with these."""
    state = client.app.state  # type: ignore[attr-defined]
    before = state.means
    state.means = Means(**({"secret": SECRET} | facts))
    try:
        yield
    finally:
        state.means = before


def a_server(box: Mailbox | None = None) -> MailServer:
    return MailServer(
        host="127.0.0.1", port=box.port if box else 1, security="none",
        sender="loft@example.no", public_url="https://loft.example.no",
    )  # fmt: skip


# What one is told.


def test_one_is_told_in_fixed_words_and_marks_what_one_has_read(
    reader: Client, caseworker: Client
) -> None:
    number = raised(caseworker).number
    last = told(reader)[-1]
    assert (last["event"], last["number"], last["read"]) == ("CaseRaised", number, False)
    assert last["says"] == f"Sak {number} er meldt inn."
    answer = reader.post("/api/notices/read", json={"position": last["position"]})
    assert answer.json() == {"position": last["position"]}
    assert told(reader)[-1]["read"]
    assert told(reader, unread=True) == []
    another = raised(caseworker).number
    assert [one["number"] for one in told(reader, unread="true")] == [another]


def test_what_was_read_stays_read_and_nothing_is_read_before_it_happens(
    reader: Client, caseworker: Client
) -> None:
    raised(caseworker)
    position = told(reader)[-1]["position"]
    far = reader.post("/api/notices/read", json={"position": 10**9}).json()["position"]
    assert position <= far <= reader.ledger.engine.ledger.size()
    assert reader.post("/api/notices/read", json={"position": 1}).json()["position"] == far
    raised(caseworker)
    assert len(told(reader, unread=True)) == 1


def test_a_case_that_is_restricted_since_is_told_of_no_more(
    reader: Client, caseworker: Client, administrator: Client
) -> None:
    story = raised(caseworker)
    assert told(reader)[-1]["number"] == story.number
    named = person(administrator, Role.COORDINATOR)
    story.does("restriction", people=[named.id])
    assert story.number not in {one["number"] for one in told(reader)}


# Mail.


def test_one_chooses_how_to_be_told_by_mail_and_erases_ones_address(reader: Client) -> None:
    with with_means(reader, mail=a_server()):
        nothing = reader.get("/api/me/notices").json()
        assert (nothing["address"], nothing["mode"]) == (None, "none")
        body = {"address": "a@example.no", "mode": "daily", "hour": 7, "kinds_off": ["CaseClosed"]}
        assert reader.put("/api/me/notices", json=body).status_code == 200
        assert reader.get("/api/me/notices").json() == body | {"mail_goes_out": True}
        assert reader.delete("/api/me/notices").status_code == 204
    assert reader.get("/api/me/notices").json()["address"] is None
    assert reader.ledger.database.rows("SELECT count(*) FROM notice_choices") == [(0,)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "nobody"}, {"address": "a@"}, {"address": "a@b.no\r\nBcc: c@d.no"},
        {"address": "A <a@b.no>"}, {"mode": "hourly"}, {"hour": 24}, {"kinds_off": ["CaseUpdated"]},
        {"more": 1},
    ],
)  # fmt: skip
def test_a_choice_that_makes_no_sense_is_refused(reader: Client, wrong: dict) -> None:
    with with_means(reader, mail=a_server()):
        answer = reader.put("/api/me/notices", json={"address": "a@b.no", "mode": "daily"} | wrong)
    assert_refused(answer, 422, "invalid")


def test_mail_is_not_promised_where_none_goes_out(reader: Client) -> None:
    body = {"address": "a@example.no", "mode": "at_once"}
    assert_refused(reader.put("/api/me/notices", json=body), 409, "refused")
    assert reader.get("/api/me/notices").json()["mail_goes_out"] is False


def test_a_machine_has_no_address(caseworker: Client) -> None:
    body = {"address": "a@example.no", "mode": "none"}
    assert_refused(caseworker.put("/api/me/notices", json=body), 404, "not-found")


def test_an_address_is_told_to_nobody_else(reader: Client, administrator: Client) -> None:
    with with_means(reader, mail=a_server()):
        body = {"address": "secret@example.no", "mode": "at_once"}
        assert reader.put("/api/me/notices", json=body).status_code == 200
    for path in ("/api/persons", "/api/me/notices", "/api/notices/parked", "/api/me"):
        assert "secret@" not in administrator.get(path).text
    reader.delete("/api/me/notices")


# Webhooks.


def hooked(administrator: Client, **facts: object) -> dict:
    answer = administrator.post("/api/webhooks", json={"url": OUTSIDE} | facts)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_secret_is_shown_once_and_lies_sealed(administrator: Client) -> None:
    made = hooked(administrator)
    assert made["secret"].startswith("whsec_")
    assert Webhook(made["secret"])
    assert (made["state"], made["events"]) == ("active", list(KINDS))
    one = administrator.get(f"/api/webhooks/{made['id']}")
    assert "secret" not in one.json()
    listed = administrator.get("/api/webhooks", params={"limit": 1000}).json()["items"]
    assert one.json() in listed
    with as_owner(administrator.ledger) as connection:
        ((kept,),) = connection.execute(
            "SELECT secret FROM webhooks WHERE id = %s", (made["id"],)
        ).fetchall()
    assert Webhook(made["secret"])._whsecret not in bytes(kept)


@pytest.mark.parametrize(
    "url", ["http://192.0.32.8/", "https://localhost/", "https://169.254.169.254/", "nowhere"]
)
def test_a_webhook_that_leads_inside_is_refused(administrator: Client, url: str) -> None:
    assert_refused(administrator.post("/api/webhooks", json={"url": url}), 422, "invalid")


def test_an_event_that_nobody_is_told_of_is_refused(administrator: Client) -> None:
    body = {"url": OUTSIDE, "events": ["TextErased"]}
    assert_refused(administrator.post("/api/webhooks", json=body), 422, "invalid")


def test_a_secret_is_changed_and_the_one_before_signs_beside_it(administrator: Client) -> None:
    made = hooked(administrator)
    path = f"/api/webhooks/{made['id']}"
    changed = administrator.post(f"{path}/rotation", json={"hours": 2}).json()
    assert changed["secret"] != made["secret"]
    assert administrator.get(path).json()["former_until"] is not None


def test_a_webhook_is_deleted_with_its_secret(administrator: Client) -> None:
    path = f"/api/webhooks/{hooked(administrator)['id']}"
    assert administrator.delete(path).status_code == 204
    for method, step in (("GET", ""), ("DELETE", ""), ("POST", "/release"), ("POST", "/rotation")):
        body = {} if method == "POST" else None
        assert_refused(administrator.request(method, path + step, json=body), 404, "not-found")


def test_the_whole_way_with_what_is_stuck_and_released(
    administrator: Client, caseworker: Client, reader: Client
) -> None:
    """From a command to the mailbox and the receiver, by the delivery that the server runs."""
    from api.delivery import Delivery  # noqa: PLC0415 - started here alone

    says = iter(["550 No such mailbox"])
    with mail_server(lambda _: next(says, "250 OK")) as box, receiving() as receiver:
        facts = {"mail": a_server(box), "private": True, "first_wait": 0.1}
        with with_means(reader, **facts):
            body = {"address": "a@example.no", "mode": "at_once"}
            assert reader.put("/api/me/notices", json=body).status_code == 200
            made = hooked(administrator, url=f"{receiver.url}/in", events=["CaseRaised"])
            number = raised(caseworker).number
            delivery = Delivery(reader.ledger, Means(**({"secret": SECRET} | facts)))
            delivery.start()
            try:
                wait_for(lambda: receiver.posted and _stuck(administrator))
                (stuck,) = _stuck(administrator)
                assert (stuck["number"], stuck["problem"]) == (number, "smtp-550")
                assert (stuck["recipient"], stuck["state"]) == (reader.id, "parked")
                assert administrator.get("/readyz").json()["notices_stuck"] == 1
                assert "loft_notices_stuck 1.0" in administrator.get("/metrics").text
                released = administrator.post(
                    "/api/notices/parked/release", json={"recipient": reader.id}
                )
                assert released.json() == {"released": 1}
                wait_for(lambda: box.taken)
            finally:
                delivery.stop()
        assert _stuck(administrator) == []
    told_of = Webhook(made["secret"]).verify(receiver.posted[0].body, receiver.posted[0].headers)
    assert told_of["data"]["number"] == number
    reader.delete("/api/me/notices")
    administrator.delete(f"/api/webhooks/{made['id']}")


def _stuck(administrator: Client) -> list[dict]:
    return list(administrator.get("/api/notices/parked").json()["items"])
