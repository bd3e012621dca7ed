"""Who may do what with what: by role, by seat, and case by case."""

from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.actor import Role
from domain.rights import (
    GUESTS,
    RIGHTS,
    Action,
    Readers,
    Standing,
    hat,
    marks_of,
    marks_on,
    may_act_for,
    may_read,
)
from tests.domain.topologies import GROUP, OTHER_TEAM, OUTREACH, TEAM

CASE = "0b0f5a3c-6c4e-4a52-9f6e-6f1f1c3a9d10"
OPEN = Readers(parties=frozenset({TEAM, OUTREACH}))
RESTRICTED = Readers(parties=frozenset({TEAM, OUTREACH}), restricted_to=frozenset({"p-1"}))


def somebody(*roles, who="p-9", organs=(), services=(), only=None):
    return Standing(
        id=who,
        roles=frozenset(roles),
        organs=frozenset(organs),
        services=frozenset(services),
        only=only,
    )


def test_a_role_may_what_the_table_says():
    for role in Role:
        for action in Action:
            assert (hat(somebody(role), action) is role) == (role in RIGHTS[action])


def test_who_has_no_role_may_nothing():
    assert [action for action in Action if hat(somebody(), action)] == []


def test_of_several_roles_the_first_that_may_is_acted_in():
    both = somebody(Role.MEMBER, Role.COORDINATOR, Role.BOARD)
    assert hat(both, Action.RAISE) is Role.COORDINATOR
    assert hat(somebody(Role.BOARD, Role.MEMBER), Action.RAISE) is Role.MEMBER
    assert hat(somebody(Role.BOARD, Role.ADMIN), Action.STRUCTURE) is Role.ADMIN


def test_what_a_token_was_narrowed_to_is_all_that_it_may():
    narrow = somebody(Role.COORDINATOR, only=frozenset({Action.READ_CASES, Action.STRUCTURE}))
    assert [action for action in Action if hat(narrow, action)] == [Action.READ_CASES]


def test_a_member_acts_for_what_is_their_own():
    member = somebody(Role.MEMBER, organs=(TEAM,), services=(OUTREACH,))
    for own in (None, TEAM, OUTREACH):
        assert may_act_for(member, Role.MEMBER, own)
    for other in (OTHER_TEAM, GROUP):
        assert not may_act_for(member, Role.MEMBER, other)
        assert may_act_for(member, Role.COORDINATOR, other)


def test_the_guest_of_a_meeting_reads_meetings_and_nothing_else():
    """Whatever the table says of a member."""
    guest = Standing(id="p-9", roles=frozenset(), guest_of=frozenset({"meeting:1"}))
    assert {action for action in Action if hat(guest, action)} == GUESTS
    assert hat(guest, Action.READ_MEETINGS) is Role.MEMBER
    reporter = guest.model_copy(update={"roles": frozenset({Role.REPORTER})})
    assert hat(reporter, Action.READ_MEETINGS) is Role.MEMBER
    assert hat(reporter, Action.BE_KNOWN) is Role.REPORTER
    narrowed = guest.model_copy(update={"only": frozenset({Action.READ_CASES})})
    assert [action for action in Action if hat(narrowed, action)] == []


# Case by case.


def test_a_member_reads_what_is_their_organ_s_or_service_s():
    assert may_read(somebody(Role.MEMBER, organs=(TEAM,)), OPEN)
    assert may_read(somebody(Role.MEMBER, services=(OUTREACH,)), OPEN)
    assert not may_read(somebody(Role.MEMBER, organs=(OTHER_TEAM,)), OPEN)
    assert not may_read(somebody(Role.MEMBER), OPEN)


def test_a_coordinator_the_board_and_an_auditor_read_every_case():
    for role in (Role.COORDINATOR, Role.BOARD, Role.AUDITOR):
        assert may_read(somebody(role), OPEN)


def test_a_guest_reads_the_meeting_that_they_are_a_guest_of():
    meeting = Readers(parties=frozenset({GROUP}), guests=frozenset({"p-1"}))
    assert may_read(somebody(who="p-1"), meeting)
    assert not may_read(somebody(who="p-2"), meeting)
    assert not may_read(somebody(who="p-1"), OPEN)


def test_a_reporter_and_an_admin_read_none():
    for role in (Role.REPORTER, Role.ADMIN):
        assert not may_read(somebody(role, organs=(TEAM,)), OPEN)


def test_a_restricted_case_is_read_by_who_is_named_alone():
    for role in Role:
        assert not may_read(somebody(role, organs=(TEAM,)), RESTRICTED)
        assert may_read(somebody(role, who="p-1"), RESTRICTED)


def test_a_restricted_case_is_read_by_who_broke_its_glass():
    assert may_read(somebody(Role.COORDINATOR), RESTRICTED, opened=True)


keys = st.sampled_from([TEAM, OTHER_TEAM, GROUP, OUTREACH, "p-1", "p-2"])
sets = st.frozensets(keys)
standings = st.builds(
    Standing,
    id=st.sampled_from(["p-1", "p-2", "p-3", TEAM]),
    roles=st.frozensets(st.sampled_from(Role)),
    organs=sets,
    services=sets,
)
readers = st.builds(Readers, parties=sets, restricted_to=st.none() | sets, guests=sets)


@for_all(standing=standings, case=readers, opened=st.booleans())
def test_the_marks_say_what_the_rule_says(standing, case, opened):
    """The database holds to the marks, the rules to `may_read`."""
    own = marks_of(standing, [CASE] if opened else [])
    told = not own.isdisjoint(marks_on(CASE, case))
    assert told == may_read(standing, case, opened=opened)
