"""Repeats with an idempotency key, and versions that have moved on."""

from threading import Thread
from typing import Any

import httpx
import pytest

from tests.api.asserting import assert_refused, nothing_changes
from tests.api.story import GROUP, OTHER_TEAM, RAISING, TEAM, Story
from tests.conftest import Client


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def same(one: httpx.Response, other: httpx.Response) -> None:
    assert other.status_code == one.status_code == 201
    assert other.json() == one.json()
    for header in ("ETag", "Loft-Position", "Location"):
        assert other.headers.get(header) == one.headers.get(header)


def test_a_repeat_gets_the_first_answer_again_and_records_nothing(caseworker: Client) -> None:
    story = Story(caseworker).does("notes", headers=keyed("a"))
    with nothing_changes(caseworker.ledger):
        again = story.tries("notes", headers=keyed("a"))
    same(story.last, again)


def test_a_repeat_gets_the_first_answer_after_the_case_moved_on(caseworker: Client) -> None:
    story = Story(caseworker).does("discussions", headers=keyed("b"))
    first = story.last
    for step in ("escalations", "answers", "closure"):
        story.does(step)
    with nothing_changes(caseworker.ledger):
        again = story.tries("discussions", headers=keyed("b"))
    same(first, again)
    assert again.json()["status"] == "discussed"


def test_raising_is_repeated_without_a_second_case(caseworker: Client) -> None:
    first = caseworker.post("/api/cases", json=RAISING, headers=keyed("c"))
    story = f"/api/cases/{first.json()['number']}"
    assert caseworker.post(f"{story}/notes", json={"text": "x"}).status_code == 201
    with nothing_changes(caseworker.ledger):
        again = caseworker.post("/api/cases", json=RAISING, headers=keyed("c"))
    same(first, again)
    assert again.headers["Location"] == first.headers["Location"]


def test_a_repeat_with_the_version_that_it_was_decided_on_is_no_conflict(
    caseworker: Client,
) -> None:
    story = Story(caseworker)
    headers = keyed("d") | {"If-Match": '"1"'}
    story.does("notes", headers=headers)
    same(story.last, story.tries("notes", headers=headers))


@pytest.mark.parametrize("step", ["closure", "links", "corrections", "reversals"])
def test_a_repeat_comes_before_the_rule_that_would_refuse_it(step: str, caseworker: Client) -> None:
    story = Story(caseworker, *(["closure"] if step == "reversals" else []))
    body = story.body(step)
    story.last = caseworker.post(f"{story.path}/{step}", json=body, headers=keyed(f"e-{step}"))
    assert story.last.status_code == 201
    again = caseworker.post(f"{story.path}/{step}", json=body, headers=keyed(f"e-{step}"))
    same(story.last, again)


def test_a_structural_command_and_a_plan_are_repeated_too(
    administrator: Client, caseworker: Client
) -> None:
    organ = {"key": "ny", "name": "Ny", "level": "executing", "kind": "team"}
    area = {"key": "ny", "name": "Ny", "acting_for": "styret"}
    for client, path, body in (
        (administrator, "/api/organs", organ),
        (administrator, "/api/organs/ny/renaming", {"name": "Nyere"}),
        (administrator, "/api/services", {"name": "Leksehjelpen"}),
        (caseworker, "/api/focus-areas", area),
    ):
        first = client.post(path, json=body, headers=keyed("f" + path))
        with nothing_changes(client.ledger):
            again = client.post(path, json=body, headers=keyed("f" + path))
        same(first, again)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("notes", {"text": "noe annet"}),
        ("notes", {"text": "x", "occurred_at": "2026-01-01T00:00:00Z"}),
        ("pause", {"reason": "x"}),
    ],
)
def test_a_key_that_was_used_for_another_request_is_refused(
    path: str, body: dict[str, Any], caseworker: Client
) -> None:
    key = keyed(f"g {sorted(body)} {path}")
    story = Story(caseworker)
    assert story.tries("notes", headers=key, text="x").status_code == 201
    with nothing_changes(caseworker.ledger):
        answer = caseworker.post(f"{story.path}/{path}", json=body, headers=key)
        raised = caseworker.post("/api/cases", json=RAISING, headers=key)
    for refused in (answer, raised):
        assert_refused(refused, 422, "idempotency-conflict", "Use a new key")


def test_a_key_belongs_to_whoever_used_it(shared: Client, caseworker: Client) -> None:
    member = shared.as_("member", TEAM)
    first = caseworker.post("/api/cases", json=RAISING, headers=keyed("h"))
    other = member.post("/api/cases", json=RAISING, headers=keyed("h"))
    assert other.status_code == 201
    assert other.json()["number"] != first.json()["number"]


def test_a_refused_command_does_not_use_up_its_key(caseworker: Client) -> None:
    story = Story(caseworker)
    assert_refused(story.tries("escalations", headers=keyed("i")), 409, "refused")
    story.does("discussions").does("escalations", headers=keyed("i"))
    assert story.case["holder"] == GROUP


def test_repeats_at_the_same_moment_are_recorded_once(caseworker: Client) -> None:
    answers: list[httpx.Response] = []

    def raise_it() -> None:
        answers.append(caseworker.post("/api/cases", json=RAISING, headers=keyed("j")))

    before = caseworker.ledger.engine.ledger.size()
    threads = [Thread(target=raise_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert caseworker.ledger.engine.ledger.size() == before + 1
    for answer in answers:
        same(answers[0], answer)


def test_a_stale_version_is_refused_and_the_present_one_is_not(caseworker: Client) -> None:
    story = Story(caseworker)
    etag = story.last.headers["ETag"]
    story.does("notes", headers={"If-Match": etag})
    with nothing_changes(caseworker.ledger):
        stale = story.tries("notes", headers={"If-Match": etag})
        ahead = story.tries("notes", headers={"If-Match": '"9"'})
    assert_refused(stale, 412, "stale", "Somebody else has changed this")
    assert_refused(ahead, 412, "stale")
    for form in (story.last.headers["ETag"], "*"):
        story.does("notes", headers={"If-Match": form})
    read = caseworker.get(story.path, headers={"Loft-Position": str(story.case["position"])})
    assert read.headers["ETag"] == story.last.headers["ETag"]
    assert (
        story.tries("notes", headers={"If-Match": "W/" + read.headers["ETag"]}).status_code == 201
    )


def test_a_stale_version_of_an_organ_is_refused(administrator: Client) -> None:
    path = f"/api/organs/{OTHER_TEAM}/renaming"
    first = administrator.post(path, json={"name": "Øst"})
    stale = {"If-Match": f'"{first.json()["version"] - 1}"'}
    with nothing_changes(administrator.ledger):
        answer = administrator.post(path, json={"name": "Nord"}, headers=stale)
    assert_refused(answer, 412, "stale")
    fresh = {"If-Match": first.headers["ETag"]}
    assert administrator.post(path, json={"name": "Nord"}, headers=fresh).status_code == 201


def test_of_many_who_decided_on_one_version_one_wins(caseworker: Client) -> None:
    story = Story(caseworker)
    answers: list[httpx.Response] = []

    def note() -> None:
        answers.append(story.tries("notes", headers={"If-Match": '"1"'}))

    threads = [Thread(target=note) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [201] + [412] * 7


def test_without_a_version_all_of_many_are_recorded(caseworker: Client) -> None:
    story = Story(caseworker)
    threads = [Thread(target=story.tries, args=["notes"]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert story.does("notes").case["version"] == 10
