"""Rights come from seats: from the day one is taken until the day that it is left."""

from datetime import timedelta

import pytest

from domain.actor import Role
from domain.seat import SeatRole
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.seats import confirm, leaves, person, sits, today
from tests.api.story import GROUP, OTHER_TEAM, RAISING, SERVICE, TEAM, Story, read
from tests.conftest import Client

ORGAN = f"organs/{TEAM}"


@pytest.fixture
def nobody(administrator: Client) -> Client:
    """A person without roles and seats."""
    return person(administrator)


def reads(client: Client, story: Story) -> bool:
    return client.get(story.path, headers=_there(story)).status_code == 200


def _there(story: Story) -> dict[str, str]:
    return {"Loft-Position": str(story.client.ledger.engine.ledger.size())}


def test_a_person_without_a_seat_is_let_in_nowhere(nobody: Client, caseworker: Client) -> None:
    for path in ("/api/cases", "/api/organs", "/api/me", Story(caseworker).path):
        assert_refused(nobody.get(path), 403, "forbidden")


def test_a_seat_lets_in_at_once_and_no_longer_than_it_is_taken(
    nobody: Client, administrator: Client, caseworker: Client
) -> None:
    story = Story(caseworker)
    n = sits(administrator, nobody, ORGAN)
    confirm(nobody)
    assert reads(nobody, story)
    leaves(administrator, ORGAN, n)
    for path in (story.path, "/api/cases", "/api/organs"):
        assert_refused(nobody.get(path), 403, "forbidden")


def test_a_seat_of_last_year_opens_nothing(
    nobody: Client, administrator: Client, caseworker: Client
) -> None:
    """Also not as of the time when it was taken."""
    story = Story(caseworker)
    sits(administrator, nobody, f"organs/{OTHER_TEAM}")
    sits(
        administrator,
        nobody,
        ORGAN,
        taken_on=today() - timedelta(400),
        until=today() - timedelta(40),
    )
    confirm(nobody)
    assert_refused(nobody.get(story.path, headers=_there(story)), 404, "not-found")
    as_of = {"as_of": story.case["position"]}
    assert_refused(nobody.get(story.path, params=as_of, headers=_there(story)), 404, "not-found")


def test_a_seat_that_is_yet_to_be_taken_opens_nothing(
    nobody: Client, administrator: Client
) -> None:
    sits(administrator, nobody, ORGAN, taken_on=today() + timedelta(1))
    assert_refused(nobody.get("/api/cases"), 403, "forbidden")


def test_a_guest_sits_in_today(nobody: Client, administrator: Client, caseworker: Client) -> None:
    sits(administrator, nobody, ORGAN, role=SeatRole.GUEST, until=today())
    confirm(nobody)
    assert reads(nobody, Story(caseworker))


def test_who_works_for_a_service_reads_and_answers_what_it_was_asked(
    nobody: Client, administrator: Client, caseworker: Client
) -> None:
    story, other = Story(caseworker, "assignments"), Story(caseworker)
    sits(administrator, nobody, f"services/{SERVICE}")
    confirm(nobody)
    assert reads(nobody, story)
    assert not reads(nobody, other)
    story.client = nobody
    story.does("assignments/1/acceptance")
    entry = story.history()[-1]
    assert (entry["actor"]["id"], entry["actor"]["role"]) == (nobody.id, "member")


def test_a_member_of_two_organs_acts_for_the_one_that_was_asked(
    nobody: Client, administrator: Client, caseworker: Client
) -> None:
    for place in (ORGAN, f"organs/{GROUP}"):
        sits(administrator, nobody, place)
    confirm(nobody)
    story = Story(caseworker, "discussions", "escalations", "answers")
    story.does("assignments", service=GROUP)
    story.client = nobody
    story.does("answers/1/acknowledgement").does("assignments/1/acceptance")
    assert [entry["actor"]["organ"] for entry in story.history()[-2:]] == [TEAM, GROUP]
    with nothing_changes(caseworker.ledger):
        refused = nobody.post("/api/cases", json=RAISING | {"raised_by": OTHER_TEAM})
    assert_refused(refused, 403, "forbidden", "own organ only")


def test_a_role_is_given_to_a_person_and_withdrawn(
    administrator: Client, caseworker: Client
) -> None:
    auditor = person(administrator, Role.AUDITOR)
    assert reads(auditor, Story(caseworker))
    where = f"/api/persons/{auditor.id}/roles/withdrawal"
    assert administrator.post(where, json={"role": "auditor"}).status_code == 201
    assert_refused(auditor.get("/api/cases"), 403, "forbidden")


def test_a_seat_is_given_to_nobody_who_is_not_registered(administrator: Client) -> None:
    body = {"role": "member", "person": "p-ffffffffffff"}
    for place in (ORGAN, f"services/{SERVICE}"):
        with nothing_changes(administrator.ledger):
            answer = administrator.post(f"/api/{place}/seats", json=body)
        assert_refused(answer, 422, "invalid", "no person with this id")


def test_a_guest_sits_in_on_a_day_that_is_given(nobody: Client, administrator: Client) -> None:
    body = {"role": "guest", "person": nobody.id}
    for place in (ORGAN, f"services/{SERVICE}"):
        with nothing_changes(administrator.ledger):
            answer = administrator.post(f"/api/{place}/seats", json=body)
        assert_refused(answer, 422, "invalid", "Give its day")


def test_nobody_is_made_a_member_by_a_role(nobody: Client, administrator: Client) -> None:
    where = f"/api/persons/{nobody.id}/roles"
    assert_refused(administrator.post(where, json={"role": "member"}), 422, "invalid", "a seat")


# Confidentiality.


def test_nothing_is_read_before_confidentiality_is_confirmed(
    nobody: Client, administrator: Client
) -> None:
    sits(administrator, nobody, ORGAN)
    for path in ("/api/cases", "/api/organs", "/api/notices"):
        assert_refused(nobody.get(path), 403, "forbidden", "duty of confidentiality")
    with nothing_changes(nobody.ledger):
        assert_refused(nobody.post("/api/cases", json=RAISING), 403, "forbidden")
    me = nobody.get("/api/me").json()
    assert "forvaltningsloven § 13" in me["confidentiality"]["text"]
    assert not me["confidentiality"]["confirmed"]
    confirm(nobody)
    assert nobody.get("/api/cases").status_code == 200
    assert nobody.get("/api/me").json()["confidentiality"]["confirmed"]


def test_a_new_text_is_confirmed_anew(client: Client) -> None:
    admin = client.as_(Role.ADMIN)
    auditor = person(admin, Role.AUDITOR)
    where, text = "/api/municipality/confidentiality", "Vi tier om det vi hører her."
    assert admin.post(where, json={"text": text}).json()["text_version"] == 1
    assert_refused(auditor.get("/api/cases"), 403, "forbidden", "duty of confidentiality")
    stale = auditor.post("/api/me/confidentiality", json={"text_version": 0})
    assert_refused(stale, 409, "refused", "has been replaced")
    assert auditor.get("/api/me").json()["confidentiality"]["text"] == text
    confirm(auditor)
    assert auditor.get("/api/cases").status_code == 200


def test_people_are_listed_with_their_names_and_roles(administrator: Client) -> None:
    made = administrator.post("/api/persons", json={"name": "Ola Nordmann"})
    listed = read(administrator, "/api/persons", made, limit=1000)["items"]
    (found,) = [one for one in listed if one["id"] == made.json()["id"]]
    assert (found["name"], found["roles"], found["confirmed"]) == ("Ola Nordmann", [], None)
