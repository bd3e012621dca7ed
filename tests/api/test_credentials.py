"""The record of what lets somebody in: each change of it, by whom, and for whoever audits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from api import credentials, hooks, kept_tokens
from api.exports import CONSOLE
from api.providers import Profile, Provider
from api.reconciling import end_what_is_over, make_up_for
from domain.actor import Actor, Role
from domain.credential import credential_id
from domain.rights import Action
from ledger import schema
from ledger.credentials import record
from ledger.database import Unavailable
from ledger.embedded import Embedded
from ledger.recorder import Recorder
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.processes import data_directory, loft, serving
from tests.api.story import TEAM
from tests.conftest import Client

ADMIN = Actor(id="a-1", role=Role.ADMIN)
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
HIDDEN = [SecretStr("one"), SecretStr("another")]
HOOK = {"url": "https://192.0.32.8/loft/secret-path", "events": ["CaseRaised"]}


@pytest.fixture
def admin(client: Client) -> Client:
    return client.as_(Role.ADMIN)


def changes(client: Client) -> list[dict[str, Any]]:
    """As an auditor is told of them, the oldest first."""
    answer = client.as_(Role.AUDITOR).get("/api/audit/credentials")
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()["items"]))


def test_a_token_is_on_record_from_when_it_is_given_until_it_ends(admin: Client) -> None:
    asked = {"name": "fagsystem", "role": "reporter", "organ": TEAM, "days": 30}
    asked |= {"scope": ["read_reports"]}
    made = admin.post("/api/tokens", json=asked).json()
    for _ in range(2):
        assert admin.post(f"/api/tokens/{made['id']}/revocation").status_code == 201
    given, ended = changes(admin)
    assert (given["event"], ended["event"]) == ("TokenGiven", "TokenEnded")
    by = kept_tokens.listed(admin.ledger.database)[0].id
    for one in (given, ended):
        assert (one["credential"], one["name"]) == (made["id"], "fagsystem")
        assert one["actor"] == {"id": by, "role": "admin", "organ": None}
    assert (given["role"], given["organ"], given["scope"]) == (
        "reporter", TEAM, ["read_reports"],
    )  # fmt: skip
    until = datetime.fromisoformat(given["expires_at"])
    assert until == datetime.fromisoformat(made["expires_at"])
    assert (given["version"], ended["version"]) == (1, 2)


def test_the_token_itself_and_what_was_typed_stand_nowhere_in_the_record(admin: Client) -> None:
    made = admin.post("/api/tokens", json={"name": "navnet-her", "role": "reporter"}).json()
    admin.post("/api/webhooks", json=HOOK)
    rows = admin.ledger.accesses.database.rows("SELECT data::text, actor::text FROM events")
    everything = str(rows)
    for word in (made["token"], "navnet-her", "secret-path", "192.0.32.8"):
        assert word not in everything
    assert "secret-path" not in str(changes(admin))


def test_a_token_counts_only_once_it_is_on_record(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(kept_tokens.listed(admin.ledger.database))

    def full(*_: object, **__: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(admin.ledger.accesses.engine.ledger, "append", full)
        answer = admin.post("/api/tokens", json={"name": "x", "role": "reporter"})
        assert_refused(answer, 503, "unavailable")
    assert len(kept_tokens.listed(admin.ledger.database)) == before
    assert admin.post("/api/tokens", json={"name": "x", "role": "reporter"}).status_code == 201


def test_a_token_ends_though_that_cannot_be_recorded(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = admin.post("/api/tokens", json={"name": "x", "role": "reporter"}).json()
    path = f"/api/tokens/{made['id']}/revocation"

    def full(*_: object, **__: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(admin.ledger.accesses.engine.ledger, "append", full)
        assert_refused(admin.post(path), 503, "unavailable")
    assert not lets_in(admin, made["token"])
    assert events(admin) == ["TokenGiven"]
    assert admin.post(path).status_code == 201
    assert events(admin) == ["TokenGiven", "TokenEnded"]


def lets_in(client: Client, token: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.get("/api/reports/overview", headers=headers)
    assert answer.status_code in {200, 401}
    return bool(answer.status_code == 200)


def events(client: Client) -> list[str]:
    return [one["event"] for one in changes(client)]


def test_of_two_who_end_a_token_at_once_one_is_on_record(admin: Client) -> None:
    made = credentials.give_token(admin.ledger, "x", Role.REPORTER, by=CONSOLE, at=NOW)
    starting = Barrier(4)

    def end() -> None:
        starting.wait()
        credentials.end_tokens(admin.ledger, [made.id], by=ADMIN, at=NOW)

    threads = [Thread(target=end) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert events(admin) == ["TokenGiven", "TokenEnded"]


def test_a_webhook_is_on_record(admin: Client) -> None:
    made = admin.post("/api/webhooks", json=HOOK).json()
    admin.post(f"/api/webhooks/{made['id']}/rotation", json={"hours": 2})
    assert admin.delete(f"/api/webhooks/{made['id']}").status_code == 204
    told = changes(admin)
    assert [one["event"] for one in told] == [
        "WebhookAdded", "WebhookSecretChanged", "WebhookEnded",
    ]  # fmt: skip
    assert {(one["credential"], one["name"]) for one in told} == {(made["id"], "192.0.32.8")}
    assert told[0]["kinds"] == ["CaseRaised"]
    until = datetime.fromisoformat(told[1]["former_until"])
    assert timedelta(hours=1) < until - datetime.now(UTC) <= timedelta(hours=2)


def provider(**other: Any) -> Provider:
    fields = {"key": "kommunen", "profile": Profile.OIDC, "issuer": "https://id.example.no",
              "client_id": "loft", **other}  # fmt: skip
    return Provider.model_validate(fields)


def test_what_changes_in_the_file_of_providers_is_on_record(admin: Client) -> None:
    listings = [
        {"kommunen": provider(client_secret=HIDDEN[0])},
        {"kommunen": provider(client_secret=HIDDEN[1])},
        {"kommunen": provider(roles={"slt": "coordinator"})},
        {},
        {},
        {"kommunen": provider(roles={"slt": "coordinator"})},
    ]
    for listed in listings:
        credentials.note_providers(admin.ledger, listed, NOW)
    told = changes(admin)
    every = ["client_id", "issuer", "key", "name", "newcomers", "profile", "roles", "scope"]
    assert [(one["event"], one.get("roles"), one.get("changed")) for one in told] == [
        ("ProviderListed", [], ["acr_values", *every]),
        ("ProviderListed", ["coordinator"], ["roles"]),
        ("ProviderUnlisted", None, None),
        ("ProviderListed", ["coordinator"], ["acr_values", *every]),
    ]
    assert {one["credential"] for one in told} == {"provider-kommunen"}
    assert "id.example.no" not in str(told)


# Where what is kept and its record differ.


def reconciles(client: Client, after: timedelta = timedelta()) -> None:
    """As a server does that starts so long after now."""
    end_what_is_over(client.ledger)
    make_up_for(client.ledger, datetime.now(UTC) + after)


def test_a_token_that_an_older_backup_brings_back_lets_nobody_in(admin: Client) -> None:
    given = credentials.give_token(admin.ledger, "x", Role.REPORTER, by=ADMIN, at=NOW)
    hook = admin.post("/api/webhooks", json=HOOK).json()["id"]
    credentials.end_tokens(admin.ledger, [given.id], by=ADMIN, at=NOW)
    credentials.end_webhook(admin.ledger, hook, by=ADMIN, at=NOW)
    before = events(admin)
    with admin.ledger.database.connection() as connection:
        connection.execute("UPDATE tokens SET revoked_at = NULL WHERE id = %s", (given.id,))
        connection.execute("UPDATE webhooks SET deleted_at = NULL WHERE id = %s", (hook,))
    assert lets_in(admin, given.secret)
    reconciles(admin)
    assert not lets_in(admin, given.secret)
    assert admin.get("/api/webhooks").json()["items"] == []
    assert [one for one in events(admin) if one != "TokenGiven"] == before[1:]


def test_what_an_older_backup_knows_nothing_of_is_over(admin: Client) -> None:
    given = credentials.token_given(
        Role.REPORTER, None, None, only=None, expires_at=None, by=ADMIN, at=NOW
    )
    added = credentials.webhook_added(["CaseRaised"], ADMIN, NOW)
    record(admin.ledger.accesses, credential_id(kept_tokens.new_id()), given)
    record(admin.ledger.accesses, credential_id(hooks.new_id()), added)
    reconciles(admin)
    assert {"TokenEnded", "WebhookEnded"}.isdisjoint(events(admin)), "it may be about to be made"
    for _ in range(2):
        reconciles(admin, after=timedelta(minutes=2))
    assert sorted(one for one in events(admin) if one.endswith("Ended")) == [
        "TokenEnded", "WebhookEnded",
    ]  # fmt: skip


def test_a_token_that_was_put_there_past_the_record_is_on_record_from_the_next_start(
    admin: Client,
) -> None:
    database = admin.ledger.database
    kept_tokens.create_token(database, "x", Role.MEMBER, TEAM, only=[Action.RAISE])
    kept_tokens.create_token(database, "past", Role.REPORTER)
    kept_tokens.end_tokens(database, kept_tokens.named(database, "past"))
    for _ in range(2):
        reconciles(admin)
    told = [one for one in changes(admin) if one["name"] in {"x", "past"}]
    assert [one["event"] for one in told] == ["TokenGiven"]
    assert told[0]["actor"]["id"] == "console"
    assert (told[0]["role"], told[0]["organ"], told[0]["scope"]) == ("member", TEAM, ["raise"])


def test_an_end_that_was_cut_short_is_on_record_from_the_next_start(admin: Client) -> None:
    given = credentials.give_token(admin.ledger, "x", Role.REPORTER, by=ADMIN, at=NOW)
    kept_tokens.end_tokens(admin.ledger.database, [given.id])
    for _ in range(2):
        reconciles(admin)
    assert [one["event"] for one in changes(admin) if one["credential"] == given.id] == [
        "TokenGiven", "TokenEnded",
    ]  # fmt: skip


def test_the_record_goes_page_by_page_and_holds_no_accesses(admin: Client) -> None:
    reader = admin.as_(Role.COORDINATOR)
    given = []
    for _ in range(5):
        given.append(credentials.give_token(admin.ledger, "x", Role.REPORTER, by=ADMIN, at=NOW))
        assert reader.get("/api/cases").status_code == 200
    path, seen = "/api/audit/credentials?limit=2", []
    while path:
        page = reader.get(path).json()
        seen += [one["credential"] for one in page["items"]]
        path = page["next"]
    assert seen == [one.id for one in reversed(given)]
    assert {one["how"] for one in reader.get("/api/audit/accesses").json()["items"]} == {"found"}


def test_a_cursor_that_was_made_up_is_refused(admin: Client) -> None:
    with nothing_changes(admin.ledger):
        answer = admin.get("/api/audit/credentials", params={"cursor": "%%"})
    assert_refused(answer, 422, "invalid", "cursor")


def test_the_record_is_part_of_the_log_that_is_verified(admin: Client) -> None:
    recorder: Recorder = admin.ledger.accesses.engine.ledger
    before = recorder.size()
    credentials.give_token(
        admin.ledger, "x", Role.REPORTER, only=[Action.READ_REPORTS], by=CONSOLE, at=NOW
    )
    assert recorder.size() == before + 1
    (made,) = [one for one in kept_tokens.listed(admin.ledger.database) if one.name == "x"]
    assert (made.created_by, made.scope) == (None, ["read_reports"])


@pytest.fixture
def data() -> Iterator[Path]:
    with data_directory() as folder:
        yield folder


def recorded(data: Path) -> list[tuple[str, str]]:
    """What stands in the access log: each event, and who did it."""
    embedded = Embedded(data)
    embedded.start()
    with psycopg.connect(embedded.url("postgres")) as owner:
        (chosen,) = schema.ledgers(embedded.url("postgres"))
        log = schema.beside(chosen)
        query = sql.SQL("SELECT name, actor ->> 'id' FROM {} ORDER BY position")
        rows = owner.execute(query.format(sql.Identifier(log, "events"))).fetchall()
    embedded.release()
    return [(name, who) for name, who in rows]


def test_the_command_line_s_tokens_are_on_record(data: Path) -> None:
    assert loft(data, "token", "create", "revisor", "--role", "auditor").returncode == 0
    assert recorded(data) == [("TokenGiven", "console")]
    for code in (0, 1):
        assert loft(data, "token", "revoke", "revisor").returncode == code
    assert recorded(data) == [("TokenGiven", "console"), ("TokenEnded", "console")]


def test_whoever_serves_has_the_providers_on_record(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "providers.toml"
    file.write_text('[providers.kommunen]\nprofile = "oidc"\nissuer = "https://id.example.no"\n'
                    'client_id = "loft"\n')  # fmt: skip
    settings = {"LOFT_SIGN_IN": str(file), "LOFT_PUBLIC_URL": "https://loft.example.no"}
    for _ in range(2):
        with serving(data, "serve", **settings):
            pass
    assert recorded(data) == [("ProviderListed", "console")]
    with serving(data, "serve"):
        pass
    assert recorded(data) == [("ProviderListed", "console"), ("ProviderUnlisted", "console")]
