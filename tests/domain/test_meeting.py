"""A meeting is convened, prepared, attended, closed, and its minutes approved."""

from datetime import timedelta

import pytest

from domain import errors
from domain.agenda import Carried, Item, Waits
from domain.meeting import (
    AgendaArranged,
    AgendaDrawnUp,
    AttendanceTaken,
    GuestAdmitted,
    ItemAdded,
    ItemPostponed,
    ItemTakenOff,
    MeetingCancelled,
    MeetingClosed,
    MeetingConvened,
    MeetingMoved,
    MinutesApproved,
    RemarkMade,
)
from domain.seat import SeatRole, left
from tests.domain.meeting_steps import (
    CASE,
    FIVE,
    GONE,
    NOBODY,
    OTHER,
    PLACE,
    REASON,
    ROOT,
    admitted,
    after,
    approved,
    arranged,
    attended,
    cancelled,
    closed,
    convened,
    drawn_up,
    group,
    item_added,
    moved,
    postponed,
    remarked,
    taken_off,
    waiting,
)
from tests.domain.scenario import (
    FRIDAY,
    MONDAY,
    NEXT_FRIDAY,
    TUESDAY,
    WEDNESDAY,
    given,
    oslo,
    words,
)
from tests.domain.topologies import BAERUM, GROUP

TITLE = words("Julebordet")
LATER = oslo(2016, 10, 5, 10)

# Convening.


def test_all_who_sit_in_the_organ_are_invited():
    given().when(convened()).then(
        MeetingConvened(
            **after(1, MONDAY),
            organ=GROUP,
            starts_at=FRIDAY.at,
            place=PLACE,
            seats=(1, 2, 3, 4, 5),
            persons=(),
        )
    ).is_now(organ=GROUP, items=(), is_open=True, attended=False, version=1)


def test_only_those_who_sit_there_on_the_day_are_invited():
    without = FIVE.model_copy(update={"seats": left(FIVE.seats, 1, FRIDAY.at.date())})
    given().when(convened(organ=without)).allowed().is_now(seats=(2, 3, 4, 5))


def test_some_seats_and_others_are_invited():
    invited = convened(seats=(3, 1, 3), persons=("p-1", "p-1"))
    given().when(invited).allowed().is_now(seats=(1, 3), persons=("p-1",))


def test_a_seat_that_is_not_there_is_not_invited():
    given().when(convened(seats=(6,))).refused(errors.SeatUnknown, n=6)


def test_a_dissolved_organ_does_not_meet():
    given().when(convened(organ=GONE)).refused(errors.OrganIsDissolved)
    gone_since = BAERUM.with_organ(GROUP, dissolved=True)
    given(convened()).when(moved(topology=gone_since)).refused(errors.OrganIsDissolved)


def test_a_meeting_is_moved_in_time_and_place():
    given(convened()).when(moved(place=REASON)).then(
        MeetingMoved(**after(2, MONDAY), starts_at=NEXT_FRIDAY.at, place=REASON)
    ).is_now(starts_at=NEXT_FRIDAY.at, place=REASON)


def test_a_meeting_may_say_when_it_is_meant_to_end():
    late, hour = FRIDAY.at + timedelta(hours=3), timedelta(hours=1)
    lasting = given(convened(ends_at=late))
    lasting.is_now(ends_at=late)
    lasting.when(moved()).allowed().is_now(ends_at=NEXT_FRIDAY.at + timedelta(hours=3))
    earlier = moved(ends_at=NEXT_FRIDAY.at + hour)
    lasting.when(earlier).allowed().is_now(ends_at=NEXT_FRIDAY.at + hour)
    given(convened()).when(moved()).allowed().is_now(ends_at=None)


@pytest.mark.parametrize("length", [timedelta(0), timedelta(minutes=-1)])
def test_a_meeting_ends_after_it_begins(length):
    given().when(convened(ends_at=FRIDAY.at + length)).refused(errors.MeetingEndsTooSoon)
    sooner = moved(ends_at=NEXT_FRIDAY.at + length)
    given(convened()).when(sooner).refused(errors.MeetingEndsTooSoon)


def test_a_meeting_is_cancelled_for_a_reason():
    given(convened()).when(cancelled).then(
        MeetingCancelled(**after(2, MONDAY), reason=REASON)
    ).is_now(is_open=False, cancelled=REASON)


def test_a_meeting_that_was_held_is_not_cancelled():
    given(convened(), attended(1)).when(cancelled).refused(errors.MeetingHasBegun)


EVERYTHING_OPEN = (
    moved(), cancelled, drawn_up(waiting(OTHER)), item_added(title=TITLE), taken_off(1),
    arranged(1), postponed(1), attended(1), admitted(), closed(),
)  # fmt: skip


@pytest.mark.parametrize("step", EVERYTHING_OPEN)
def test_a_cancelled_meeting_takes_nothing_more(step):
    given(convened(), item_added(CASE), cancelled).when(step).refused(errors.MeetingIsCancelled)


@pytest.mark.parametrize("step", EVERYTHING_OPEN)
def test_a_closed_meeting_takes_nothing_more(step):
    given(convened(), item_added(CASE), closed()).when(step).refused(errors.MeetingIsClosed)


# The agenda.


def test_what_waits_is_put_on_the_agenda_with_why():
    lifted, held = waiting(CASE), waiting(OTHER, why=Waits.HELD)
    items = (
        Item(n=1, why=(Waits.LIFTED,), cases=(CASE,)),
        Item(n=2, why=(Waits.HELD,), cases=(OTHER,)),
    )
    given(convened()).when(drawn_up(lifted, held)).then(
        AgendaDrawnUp(**after(2, TUESDAY), items=items)
    ).is_now(items=items, numbered=2)


def test_what_is_on_the_agenda_already_is_not_put_there_twice():
    drawn = given(convened(), item_added(CASE)).when(drawn_up(waiting(CASE), waiting(OTHER)))
    assert [item.cases for item in drawn.allowed().state.items] == [(CASE,), (OTHER,)]
    drawn.allowed().when(drawn_up(waiting(CASE))).refused(errors.NothingWaits)


def test_the_news_and_each_carried_title_are_items_of_their_own():
    news = Item(n=0, why=(Waits.NEWS,))
    carried = [
        Item(n=0, why=(Waits.CARRIED_OVER,), title=TITLE, carried=Carried(meeting="meeting:0", n=n))
        for n in (4, 5)
    ]
    drawn = given(convened()).when(drawn_up(news, news, *carried)).allowed()
    assert [item.n for item in drawn.state.items] == [1, 2, 3]
    drawn.when(drawn_up(news, *carried)).refused(errors.NothingWaits)


def test_an_item_is_added_by_hand():
    given(convened()).when(item_added(CASE, OTHER, CASE)).then(
        ItemAdded(**after(2, MONDAY), n=1, cases=(CASE, OTHER), title=None)
    ).is_now(items=(Item(n=1, why=(Waits.BY_HAND,), cases=(CASE, OTHER)),))
    given(convened()).when(item_added(title=TITLE)).allowed()


def test_an_item_is_about_something_that_is_not_there_yet():
    given(convened()).when(item_added()).refused(errors.ItemAboutNothing)
    there = given(convened(), item_added(CASE, OTHER))
    there.when(item_added(OTHER, CASE)).refused(errors.OnTheAgendaAlready)
    there.when(item_added(OTHER)).allowed()


def test_a_number_is_never_given_twice():
    given(convened(), item_added(CASE), taken_off(1)).when(item_added(OTHER)).then(
        ItemAdded(**after(4, MONDAY), n=2, cases=(OTHER,), title=None)
    )


def test_an_item_is_taken_off():
    given(convened(), item_added(CASE)).when(taken_off(1)).then(
        ItemTakenOff(**after(3, MONDAY), n=1)
    ).is_now(items=())
    given(convened()).when(taken_off(1)).refused(errors.ItemUnknown, n=1)


THREE = (convened(), item_added(CASE), item_added(OTHER), item_added(title=TITLE))


def test_the_agenda_is_arranged_as_a_whole():
    turned = (
        given(*THREE)
        .when(arranged(3, 1, 2))
        .then(AgendaArranged(**after(5, MONDAY), order=(3, 1, 2)))
    )
    assert [item.n for item in turned.state.items] == [3, 1, 2]


@pytest.mark.parametrize("order", [(), (1, 2), (1, 2, 2), (1, 2, 3, 3), (1, 2, 4)])
def test_an_order_names_every_item_once(order):
    given(*THREE).when(arranged(*order)).refused(errors.OrderIncomplete)


def test_the_same_order_is_no_change():
    given(*THREE).when(arranged(1, 2, 3)).refused(errors.NothingChanged)


def test_an_item_is_postponed():
    given(*THREE).when(postponed(2)).then(ItemPostponed(**after(5), n=2, reason=REASON))
    once = given(*THREE, postponed(2))
    assert [item.postponed for item in once.state.items] == [False, True, False]
    assert [item.reason for item in once.state.items] == [None, REASON, None]
    once.when(postponed(2)).refused(errors.ItemIsPostponed, n=2)
    once.when(postponed(7)).refused(errors.ItemUnknown, n=7)


# Attendance, guests, closing.


def test_who_is_there_is_taken_down_and_may_be_taken_again():
    given(convened()).when(attended(2, 1)).then(
        AttendanceTaken(**after(2), seats=(1, 2), persons=("p-1",))
    ).is_now(attended=True, seats_there=(1, 2))
    given(convened(), attended(1)).when(attended(3)).allowed().is_now(seats_there=(3,))
    given(convened()).when(attended(6)).refused(errors.SeatUnknown, n=6)


def test_nobody_has_attended_or_closed_what_has_not_begun():
    for step in (attended(1, at=WEDNESDAY), closed(at=WEDNESDAY)):
        given(convened()).when(step).refused(errors.MeetingLiesAhead)


def test_a_meeting_may_begin_before_its_hour():
    given(convened()).when(closed(at=oslo(2016, 9, 9, 8))).allowed()


def test_a_guest_is_admitted_to_this_meeting_until_it_closes():
    guest = given(convened()).when(admitted()).then(GuestAdmitted(**after(2, MONDAY), person="p-9"))
    assert guest.state.readers.guests == {"p-9"}
    assert guest.further(closed()).state.readers.guests == set()
    guest.when(admitted()).refused(errors.GuestAdmittedAlready)


def test_closing_says_what_was_signed_and_whether_there_was_a_quorum():
    given(convened(), attended(1, 2, 3)).when(closed()).then(
        MeetingClosed(**after(3), quorate=True, signed_size=40, signed_root=ROOT)
    ).is_now(is_open=False)


@pytest.mark.parametrize(
    ("organ", "there", "quorate"),
    [
        (FIVE, (1, 2, 3), True),
        (FIVE, (1, 2), False),
        (FIVE, (), False),
        (NOBODY, (), None),
        (group(SeatRole.CHAIR, SeatRole.MEMBER), (1,), False),
        (group(SeatRole.CHAIR, SeatRole.GUEST), (1,), True),
        (group(SeatRole.CHAIR, SeatRole.SECRETARY, SeatRole.GUEST), (1, 3), False),
    ],
)
def test_a_quorum_is_more_than_half_of_the_seats_taken(organ, there, quorate):
    meeting = given(convened(organ=organ), attended(*there, organ=organ), closed(organ=organ))
    assert meeting.state.closing.quorate is quorate


@pytest.mark.parametrize(("quorum", "quorate"), [(1, True), (2, True), (3, False)])
def test_an_organ_may_set_its_own_quorum(quorum, quorate):
    organ = FIVE.model_copy(update={"quorum": quorum})
    meeting = given(convened(), attended(4, 5), closed(organ=organ))
    assert meeting.state.closing.quorate is quorate


def test_a_meeting_is_closed_once():
    given(convened(), closed()).when(closed()).refused(errors.MeetingIsClosed)


# What is logged in it.


def logged(n, case=CASE, at=FRIDAY):
    return lambda meeting: meeting.discusses(n, case=case, at=at)


def test_something_is_logged_on_an_item_about_its_case():
    assert given(*THREE).state.discusses(1, case=CASE, at=FRIDAY).cases == (CASE,)
    assert given(*THREE).state.discusses(3, case=None, at=FRIDAY).title == TITLE


def test_nothing_is_logged_that_cannot_have_happened_there():
    there = given(*THREE)
    there.when(logged(4)).refused(errors.ItemUnknown, n=4)
    there.when(logged(2)).refused(errors.ItemAboutAnother, n=2)
    there.when(logged(3)).refused(errors.ItemAboutAnother, n=3)
    there.when(logged(1, at=WEDNESDAY)).refused(errors.MeetingLiesAhead)
    given(*THREE, postponed(1)).when(logged(1)).refused(errors.ItemIsPostponed, n=1)
    given(*THREE, closed()).when(logged(1)).refused(errors.MeetingIsClosed)
    given(*THREE, cancelled).when(logged(1)).refused(errors.MeetingIsCancelled)


# Afterwards.


def test_minutes_are_approved_at_a_later_meeting_of_the_organ():
    later = given(convened("meeting:2", starts_at=LATER.at)).state
    held = given(convened(), closed())
    held.when(approved(later)).then(
        MinutesApproved(**after(3, oslo(2016, 10, 5, 12)), at_meeting="meeting:2")
    ).is_now(approved_at="meeting:2")
    held.further(approved(later)).when(approved(later)).refused(errors.MinutesApprovedAlready)


def test_minutes_are_not_approved_before_there_are_any():
    later = given(convened("meeting:2", starts_at=LATER.at)).state
    given(convened()).when(approved(later)).refused(errors.MeetingIsNotClosed)


def test_no_other_meeting_approves_minutes():
    held, next_one = given(convened(), closed()), convened("meeting:2", starts_at=LATER.at)
    other_organ = given(next_one).state.model_copy(update={"organ": "styret"})
    over = given(next_one, closed(at=oslo(2016, 10, 5, 12))).state
    earlier = given(convened("meeting:0", starts_at=MONDAY.at)).state
    for meeting in (other_organ, over, earlier, held.state):
        held.when(approved(meeting)).refused(errors.NotALaterMeeting)


def test_a_late_remark_stands_beside():
    noted = given(convened(), item_added(CASE), closed()).when(remarked(1))
    noted.then(RemarkMade(**after(4, NEXT_FRIDAY), n=1, text=words("Det var tre skoler")))
    (remark,) = noted.allowed().state.remarks
    assert (remark.n, remark.at) == (1, NEXT_FRIDAY.at)
    given(convened()).when(remarked()).refused(errors.MeetingIsNotClosed)
    given(convened(), closed()).when(remarked(3)).refused(errors.ItemUnknown, n=3)
