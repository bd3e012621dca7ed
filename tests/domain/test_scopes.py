"""What a token is narrowed to: never wider than its role, and never wider than its giver."""

import pytest

from domain.actor import Role
from domain.rights import RIGHTS, Action, Standing, hat, may_give, scope

READING = frozenset({Action.READ_CASES, Action.READ_ORGANS})


def may(role: Role, action: Action, only: frozenset[Action] | None) -> bool:
    return hat(Standing(id="token-1", roles=frozenset({role}), only=only), action) is not None


@pytest.mark.parametrize("role", Role)
def test_a_scope_takes_away_and_never_adds(role: Role) -> None:
    for action in Action:
        assert may(role, action, None) == (role in RIGHTS[action])
        assert may(role, action, READING) == (role in RIGHTS[action] and action in READING)


def test_a_scope_is_written_in_words_that_never_change() -> None:
    assert scope(["read_cases", "read_organs"]) == READING
    assert {action.word for action in Action} >= {"raise", "casework", "read_cases", "tokens"}


def test_an_unknown_word_allows_nothing() -> None:
    assert scope(["read_everything"]) == frozenset()
    assert not any(may(role, action, scope([])) for role in Role for action in Action)


def test_nobody_gives_more_than_they_have() -> None:
    assert may_give(None, None)
    assert may_give(None, READING)
    assert may_give(READING, READING)
    assert not may_give(READING, None)
    assert not may_give(READING, READING | {Action.TOKENS})
