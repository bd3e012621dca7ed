"""Tokens of machines: narrowed, expiring, ended, and when they were last used."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from api import auth, kept_tokens, last_used
from api.auth import Shown
from api.kept_tokens import TokenAnswer, listed
from api.sign_ins import SignIn
from domain.actor import Role
from domain.rights import Action
from ledger.database import Unavailable
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.conftest import until
from tests.api.doors import PERSON, register
from tests.api.seats import person
from tests.api.story import RAISING, TEAM
from tests.conftest import Client

DASHBOARD = {"name": "dashboard", "role": "reporter"}
COUNTS = "/api/reports/overview"


def client_with(token: str, anonymous: Client) -> Client:
    other = Client(anonymous.app, headers={"Authorization": f"Bearer {token}"})
    other.ledger, other.portal = anonymous.ledger, anonymous.portal
    return other


def newest(client: Client) -> TokenAnswer:
    return listed(client.ledger.database)[-1]


def test_a_token_is_shown_once_and_lets_in(administrator: Client, shared: Client) -> None:
    answer = administrator.post("/api/tokens", json=DASHBOARD | {"days": 30})
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    made = answer.json()
    assert made["valid"]
    assert made["created_by"].startswith("token-")
    lasts = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29) < lasts <= timedelta(days=30)
    assert client_with(made["token"], shared).get(COUNTS).status_code == 200
    items = administrator.get("/api/tokens", params={"limit": 1000}).json()["items"]
    (shown,) = [one for one in items if one["id"] == made["id"]]
    assert shown | {"last_used_at": None} == {k: v for k, v in made.items() if k != "token"}


def test_the_list_of_tokens_goes_page_by_page(administrator: Client) -> None:
    for _ in range(3):
        administrator.post("/api/tokens", json=DASHBOARD)
    path, seen = "/api/tokens?limit=2", []
    while path:
        page = administrator.get(path).json()
        seen += [one["id"] for one in page["items"]]
        path = page["next"]
    assert seen == [one.id for one in listed(administrator.ledger.database)]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("cursor=a", "The cursor is not one"),
        ("colour=blue", "not known here"),
        ("limit=0", "limit:"),
    ],
)
def test_a_list_that_is_asked_for_wrongly_is_refused(
    query: str, sentence: str, administrator: Client
) -> None:
    answer = administrator.get(f"/api/tokens?{query}")
    assert_refused(answer, 422, "invalid", sentence)


def test_a_narrowed_token_does_what_it_names_and_nothing_else(shared: Client) -> None:
    token = kept_tokens.create_token(
        shared.ledger.database, "raiser", Role.COORDINATOR, only={Action.RAISE}
    )
    raiser = client_with(token, shared)
    raised = raiser.post("/api/cases", json=RAISING)
    assert raised.status_code == 201
    with nothing_changes(shared.ledger):
        refused = raiser.post(
            f"/api/cases/{raised.json()['number']}/notes", json={"text": "Noe nytt"}
        )
    assert_refused(refused, 403, "forbidden", "narrowed")
    assert_refused(raiser.get("/api/cases"), 403, "forbidden")


def test_a_scope_adds_nothing_to_a_role(shared: Client) -> None:
    token = kept_tokens.create_token(
        shared.ledger.database, "odd", Role.REPORTER, only={Action.CASEWORK, Action.READ_REPORTS}
    )
    reporter = client_with(token, shared)
    assert reporter.get("/api/reports/overview").status_code == 200
    assert reporter.get("/api/organs").status_code == 403
    assert reporter.post("/api/cases", json=RAISING).status_code == 403


def test_a_word_of_a_scope_that_no_action_has_any_more_allows_nothing(shared: Client) -> None:
    database = shared.ledger.database
    token = kept_tokens.create_token(database, "old", Role.COORDINATOR, only={Action.RAISE})
    with database.connection() as connection:
        connection.execute(
            "UPDATE tokens SET scope = '{gone}' WHERE digest = %s", (kept_tokens.digest(token),)
        )
    assert client_with(token, shared).post("/api/cases", json=RAISING).status_code == 403


def test_an_expired_token_lets_nobody_in(shared: Client) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    token = kept_tokens.create_token(
        shared.ledger.database, "old", Role.COORDINATOR, expires_at=past
    )
    late = client_with(token, shared)
    with nothing_changes(shared.ledger):
        answer = late.post("/api/cases", json=RAISING)
    assert_refused(answer, 401, "unauthenticated", "expired")
    assert not newest(shared).valid


def test_a_token_is_ended_by_its_id_at_once_and_stays_so(
    administrator: Client, shared: Client
) -> None:
    made = administrator.post("/api/tokens", json=DASHBOARD).json()
    ended = administrator.post(f"/api/tokens/{made['id']}/revocation")
    assert ended.status_code == 201
    assert not ended.json()["valid"]
    assert client_with(made["token"], shared).get(COUNTS).status_code == 401
    assert administrator.post(f"/api/tokens/{made['id']}/revocation").json() == ended.json()
    for unknown in ("token-0", "%00", "x" * 101):
        answer = administrator.post(f"/api/tokens/{unknown}/revocation")
        assert answer.status_code in {404, 422}


def test_when_a_token_was_last_used_is_kept_to_the_minute(shared: Client) -> None:
    database = shared.ledger.database
    token = kept_tokens.create_token(database, "used", Role.BOARD)
    assert newest(shared).last_used_at is None
    client_with(token, shared).get("/api/cases")
    until(lambda: newest(shared).last_used_at)
    used = newest(shared).last_used_at
    assert used is not None
    assert (used.second, used.microsecond) == (0, 0)
    assert datetime.now(UTC) - used < timedelta(minutes=2)


def test_a_use_is_written_at_most_once_a_minute(shared: Client) -> None:
    database = shared.ledger.database
    token = kept_tokens.create_token(database, "busy", Role.BOARD)

    def written() -> str:
        """The transaction that wrote the token's row as it stands."""
        sql = "SELECT xmin::text FROM tokens WHERE digest = %(digest)s"
        return str(database.rows(sql, digest=kept_tokens.digest(token))[0][0])

    with database.connection() as connection:  # within the same minute for 50 s from now on
        connection.execute(
            "UPDATE tokens SET last_used_at = clock_timestamp() - interval '10 seconds' "
            "WHERE digest = %s",
            (kept_tokens.digest(token),),
        )
    before = written()
    board = client_with(token, shared)
    for _ in range(3):
        assert board.get("/api/organs").status_code == 200
    shared.app.state.uses.note(token_id := newest(shared).id)
    shared.app.state.uses.write()
    assert written() == before
    with database.connection() as connection:
        connection.execute("UPDATE tokens SET last_used_at = NULL WHERE id = %s", (token_id,))
    assert board.get("/api/organs").status_code == 200
    until(lambda: written() != before and newest(shared).last_used_at)


def test_a_use_that_cannot_be_written_keeps_nobody_out(
    shared: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(last_used, "_write", unavailable)
    board = client_with(kept_tokens.create_token(shared.ledger.database, "b", Role.BOARD), shared)
    assert board.get("/api/organs").status_code == 200
    shared.app.state.uses.write()
    assert board.get("/api/organs").status_code == 200


def test_a_person_s_token_can_be_narrowed_and_is_listed_as_theirs(
    administrator: Client, shared: Client
) -> None:
    register(shared.ledger)
    token = kept_tokens.create_token(
        shared.ledger.database, "own", Role.MEMBER, person=PERSON, only={Action.READ_ORGANS}
    )
    shown = administrator.get("/api/tokens", params={"limit": 1000}).json()["items"][-1]
    assert (shown["role"], shown["person"], shown["scope"]) == (None, PERSON, ["read_organs"])
    shows = Shown(f"Bearer {token}", None, None, changes=False, is_quiet=False)
    standing = auth.authenticate(shared.ledger.engine, SignIn(), shows)
    assert (standing.id, standing.only) == (PERSON, {Action.READ_ORGANS})
    assert_refused(client_with(token, shared).get("/api/me"), 403, "forbidden", "narrowed")


def test_who_could_read_is_asked_of_the_tokens_that_were_valid_then(shared: Client) -> None:
    database, engine = shared.ledger.database, shared.ledger.engine
    noon = datetime.now(UTC) + timedelta(minutes=1)
    later = noon + timedelta(hours=1)
    kept_tokens.create_token(
        database, "short", Role.BOARD, only={Action.READ_CASES}, expires_at=later
    )
    token_id = newest(shared).id
    (known,) = [one for one in auth.machines(engine, noon) if one.id == token_id]
    assert known.only == {Action.READ_CASES}
    assert token_id not in [one.id for one in auth.machines(engine, later)]


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        ({"role": "member"}, 422, "belongs to an organ"),
        ({"role": "member", "organ": "atlantis"}, 422, "no organ with this key"),
        ({"scope": ["everything"]}, 422, "Choose from raise, casework"),
        ({"scope": []}, 422, "At least"),
        ({"scope": ["casework"]}, 422, "could do nothing"),
        ({"days": 0}, 422, "At least 1"),
        ({"name": "Kari Nordmann"}, 422, "Small letters"),
        ({"name": "01017012345"}, 422, "points out a person"),
    ],
)
def test_a_token_that_is_wrong_is_not_given_out(
    asked: dict[str, object], status: int, sentence: str, administrator: Client
) -> None:
    before = len(listed(administrator.ledger.database))
    answer = administrator.post("/api/tokens", json=DASHBOARD | asked)
    assert answer.status_code == status
    assert sentence in answer.json()["detail"]
    assert len(listed(administrator.ledger.database)) == before


def test_a_member_s_token_is_given_out_with_their_organ(administrator: Client) -> None:
    reads_too = person(administrator, Role.ADMIN, Role.COORDINATOR)
    answer = reads_too.post("/api/tokens", json={"name": "t", "role": "member", "organ": TEAM})
    assert answer.json()["organ"] == TEAM


@pytest.mark.parametrize("role", ["coordinator", "board", "auditor", "member"])
def test_whoever_reads_no_case_gives_out_no_token_that_does(
    role: str, administrator: Client
) -> None:
    """Else an admin would read everything by a detour that stands in no ledger."""
    before = newest(administrator)
    body = {"name": "t", "role": role} | ({"organ": TEAM} if role == "member" else {})
    assert_refused(administrator.post("/api/tokens", json=body), 403, "forbidden")
    assert newest(administrator) == before


def test_a_token_for_commands_alone_is_shown_no_case(shared: Client, caseworker: Client) -> None:
    token = kept_tokens.create_token(
        shared.ledger.database, "pausing", Role.COORDINATOR, only={Action.CASEWORK}
    )
    case = caseworker.post("/api/cases", json=RAISING).json()
    answer = client_with(token, shared).post(
        f"/api/cases/{case['number']}/pause", json={"reason": "Venter på fylket"}
    )
    assert answer.status_code == 201
    assert answer.json() == {
        "id": case["id"], "number": case["number"], "position": case["position"] + 1,
    }  # fmt: skip


def test_a_dissolved_organ_s_token_reads_nothing(administrator: Client, shared: Client) -> None:
    body = {"key": "kort-lag", "name": "Kort lag", "level": "executing", "kind": "team"}
    assert administrator.post("/api/organs", json=body).status_code == 201
    client = shared.as_(Role.MEMBER, "kort-lag")
    coordinator = shared.as_(Role.COORDINATOR)
    case = coordinator.post("/api/cases", json=RAISING | {"raised_by": "kort-lag"})
    there = {"Loft-Position": case.headers["Loft-Position"]}
    path = f"/api/cases/{case.json()['number']}"
    assert client.get(path, headers=there).status_code == 200
    ended = administrator.post("/api/organs/kort-lag/dissolution", json={"reason": "Slått sammen"})
    assert ended.status_code == 201
    assert client.get(path, headers=there).status_code == 404


def test_whoever_is_narrowed_gives_out_no_wider_token(shared: Client) -> None:
    token = kept_tokens.create_token(
        shared.ledger.database, "giver", Role.ADMIN, only={Action.TOKENS, Action.READ_ORGANS}
    )
    giver = client_with(token, shared)
    for wider in ({}, {"scope": ["structure"]}, {"scope": ["read_organs", "read_plan"]}):
        answer = giver.post("/api/tokens", json={"name": "x", "role": "admin"} | wider)
        assert_refused(answer, 403, "forbidden")
    as_wide = giver.post(
        "/api/tokens", json={"name": "x", "role": "admin", "scope": ["read_organs"]}
    )
    assert as_wide.status_code == 201


def test_a_token_holds_256_random_bits(shared: Client) -> None:
    """With so many there is nothing to guess, so SHA-256 is enough to keep it by."""
    made = {kept_tokens.create_token(shared.ledger.database, "many", Role.BOARD) for _ in range(20)}
    assert len(made) == 20
    for token in made:
        letters = token.removeprefix("loft_")
        assert len(base64.urlsafe_b64decode(letters + "=")) * 8 >= 256
