"""The life of a credential: it begins, changes, ends once, and a provider may come back."""

from datetime import UTC, datetime

import pytest

from domain import credential, errors
from domain.actor import Actor, Role
from domain.credential import Credential, CredentialEvent, credential_id, provider_id
from domain.event import Occurred

BY = Actor(id="a-1", role=Role.ADMIN)
AT = Occurred(at=datetime(2026, 11, 29, tzinfo=UTC))
NEW = Credential(id=credential_id("token-1"))


def lived(*events: CredentialEvent) -> Credential:
    state = None
    for event in events:
        state = credential.evolve(state, event)
    assert state is not None
    return state


def given() -> credential.TokenGiven:
    return NEW.give_token(
        role=Role.AUDITOR, organ=None, person=None, scope=None, expires_at=None, by=BY, at=AT
    )


def listed(life: Credential, **settings: str) -> credential.ProviderListed:
    return life.list_provider(
        profile="entra", roles=(Role.ADMIN,), newcomers="registered", settings=settings,
        by=BY, at=AT,
    )  # fmt: skip


def test_a_token_that_was_given_ends_once() -> None:
    life = lived(given())
    assert (life.version, life.is_over) == (1, False)
    ended = life.end_token(by=BY, at=AT)
    assert (ended.originator_version, ended.actor) == (2, BY)
    over = lived(given(), ended)
    assert over.is_over
    with pytest.raises(errors.NothingChanged):
        over.end_token(by=BY, at=AT)


def test_a_token_that_is_older_than_its_record_can_end() -> None:
    ended = NEW.end_token(by=BY, at=AT)
    assert (ended.originator_id, ended.originator_version) == ("credential:token-1", 1)
    assert lived(ended).is_over


def test_a_webhook_that_is_over_has_no_secret_to_change() -> None:
    added = NEW.add_webhook(kinds=("CaseRaised",), by=BY, at=AT)
    changed = lived(added).change_secret(former_until=AT.at, by=BY, at=AT)
    over = lived(added, changed, lived(added, changed).end_webhook(by=BY, at=AT))
    assert over.version == 3
    with pytest.raises(errors.NothingChanged):
        over.change_secret(former_until=AT.at, by=BY, at=AT)


def test_a_provider_is_listed_again_where_it_was_changed_or_had_been_removed() -> None:
    new = Credential(id=provider_id("kommunen"))
    first = listed(new, issuer="a", audience="b")
    assert first.changed == ("audience", "issuer")
    with pytest.raises(errors.NothingChanged):
        listed(lived(first), issuer="a", audience="b")
    second = listed(lived(first), issuer="c", tenant="d")
    assert second.changed == ("audience", "issuer", "tenant")
    removed = lived(first, second).unlist_provider(by=BY, at=AT)
    gone = lived(first, second, removed)
    assert gone.is_over
    with pytest.raises(errors.NothingChanged):
        gone.unlist_provider(by=BY, at=AT)
    again = listed(gone, issuer="c", tenant="d")
    assert again.changed == ("issuer", "tenant")
    back = lived(first, second, removed, again)
    assert (back.version, back.is_over) == (4, False)
