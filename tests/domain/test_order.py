"""An order: who may place it, what it then goes through, and who answers for what."""

from datetime import date

import pytest

from domain import errors
from domain.order import (
    MappingStep,
    MappingStepTaken,
    OrderAccepted,
    OrderApproved,
    OrderDeclined,
    OrderDelivered,
    OrderPassedOn,
    OrderPlaced,
    OrderSentBack,
    OrderWithdrawn,
)
from domain.rights import EVERYBODY, marks_on
from domain.terms import OrderKind, OrderState
from tests.domain.order_steps import (
    BY_THE_BOARD,
    DUE,
    EFFECT,
    MANDATE,
    PLAN,
    REASON,
    REPORT,
    STEPS,
    STREAM,
    WHAT,
    a_mapping,
    accepted,
    approved,
    declined,
    delivered,
    passed_on,
    placed,
    sent_back,
    step_taken,
    withdrawn,
)
from tests.domain.scenario import COORDINATOR, FRIDAY, MONDAY, TUESDAY, entry, given, oslo, words
from tests.domain.topologies import (
    BAERUM,
    BOARD,
    CLUBS,
    DISSOLVED_GROUP,
    GROUP,
    MERGED_SERVICE,
    OUTREACH,
    TEAM,
)

BY_THE_GROUP = COORDINATOR.acting_for(GROUP)
ENDED = {
    OrderState.APPROVED: (placed(), delivered(), approved()),
    OrderState.DECLINED: (placed(), declined()),
    OrderState.WITHDRAWN: (placed(), withdrawn()),
}
OPEN = {
    OrderState.PLACED: (placed(),),
    OrderState.ACCEPTED: (placed(), accepted()),
    OrderState.SENT_BACK: (placed(), delivered(), sent_back()),
}
ANSWERS = {"accept": accepted, "decline": declined, "pass on": passed_on, "deliver": delivered}
JUDGEMENTS = {"approve": approved, "send back": sent_back, "withdraw": withdrawn}
EVERY_OPEN = pytest.mark.parametrize("life", OPEN.values(), ids=OPEN)
EVERY_ENDED = pytest.mark.parametrize("life", ENDED.values(), ids=ENDED)


def after(version, organ=OUTREACH, at=TUESDAY):
    return entry(version, organ, of=STREAM, at=at)


# Placing.


def test_the_board_orders_an_analysis_from_a_service():
    given().when(placed(case="case-1", focus_area="rus")).then(
        OrderPlaced(
            **after(1, BOARD, MONDAY),
            kind=OrderKind.ANALYSIS,
            ordered_by=BOARD,
            to=OUTREACH,
            what=WHAT,
            expected_effect=EFFECT,
            due_on=DUE,
            case="case-1",
            focus_area="rus",
        )
    ).is_now(state=OrderState.PLACED, is_open=True, due_on=DUE, case="case-1", focus_area="rus")


def test_the_group_orders_an_action_from_a_team():
    ordered = given().when(placed(kind=OrderKind.ACTION, to=TEAM, by=BY_THE_GROUP))
    ordered.allowed().is_now(ordered_by=GROUP, to=TEAM)


@pytest.mark.parametrize("by", [COORDINATOR, COORDINATOR.acting_for(TEAM)])
def test_nobody_below_the_group_orders(by):
    given().when(placed(by=by)).refused(errors.OnlyTheBoardOrTheGroupOrders)


def test_a_dissolved_group_orders_nothing():
    topology = BAERUM.with_organ(GROUP, dissolved=True)
    ordered = given().when(placed(by=BY_THE_GROUP, topology=topology))
    ordered.refused(errors.OrganIsDissolved)


@pytest.mark.parametrize(
    ("to", "refusal"),
    [
        (DISSOLVED_GROUP, errors.OrganIsDissolved),
        ("natteravnene", errors.ServiceUnknown),
        (BOARD, errors.OrderedFromItself),
    ],
)
def test_it_is_ordered_from_somebody_else_who_is_there(to, refusal):
    given().when(placed(to=to)).refused(refusal)


def test_what_is_ordered_from_a_merged_service_is_ordered_from_the_one_that_it_became():
    given().when(placed(to=MERGED_SERVICE)).allowed().is_now(to=CLUBS)
    twice = BAERUM.with_service(CLUBS, OUTREACH)
    given().when(placed(to=MERGED_SERVICE, topology=twice)).allowed().is_now(to=OUTREACH)


def test_services_that_were_merged_into_each_other_are_not_followed_for_ever():
    ring = BAERUM.with_service(CLUBS, MERGED_SERVICE)
    given().when(placed(to=CLUBS, topology=ring)).refused(errors.ServiceIsMerged)


def test_it_is_due_on_the_day_of_ordering_at_the_earliest():
    given().when(placed(due_on=MONDAY.at.date())).allowed()
    given().when(placed(due_on=date(2016, 9, 4))).refused(errors.DueBeforeItBegan)


def test_an_order_after_midnight_in_oslo_is_of_the_new_day():
    """In UTC it is the evening before."""
    just_after = oslo(2016, 9, 6, 0, 30)
    yesterday = given().when(placed(due_on=date(2016, 9, 5), at=just_after))
    yesterday.refused(errors.DueBeforeItBegan)


def test_it_may_be_about_a_focus_area_that_the_board_has_set():
    given().when(placed(focus_area="natt")).refused(errors.FocusAreaUnknown)


# Mappings.


def test_a_mapping_has_a_mandate_and_steps():
    given().when(a_mapping()).then(
        OrderPlaced(
            **after(1, BOARD, MONDAY),
            kind=OrderKind.MAPPING,
            ordered_by=BOARD,
            to=OUTREACH,
            what=WHAT,
            expected_effect=EFFECT,
            due_on=DUE,
            mandate=MANDATE,
            steps=STEPS,
        )
    ).is_now(
        mandate=MANDATE,
        steps=tuple(MappingStep(n=n, what=what) for n, what in enumerate(STEPS, start=1)),
    )


@pytest.mark.parametrize("missing", [{"mandate": None}, {"steps": ()}])
def test_a_mapping_without_either_is_refused(missing):
    given().when(a_mapping(**missing)).refused(errors.MandateMissing)


@pytest.mark.parametrize("unwanted", [{"mandate": MANDATE}, {"steps": STEPS}])
def test_nothing_else_has_them(unwanted):
    given().when(placed(**unwanted)).refused(errors.MandateUnwanted)


def test_each_step_of_a_mapping_is_given_a_week():
    given().when(a_mapping(due_on=date(2016, 9, 26))).allowed()
    given().when(a_mapping(due_on=date(2016, 9, 25))).refused(errors.MappingTooShort, steps=3)


def test_a_step_is_taken_once_and_whoever_takes_it_has_accepted():
    note = words("Ti skoler")
    given(a_mapping()).when(step_taken(2, note=note)).then(
        MappingStepTaken(**after(2), n=2, note=note)
    ).is_now(
        state=OrderState.ACCEPTED,
        steps=(
            MappingStep(n=1, what=STEPS[0]),
            MappingStep(n=2, what=STEPS[1], taken_on=date(2016, 9, 6), note=note),
            MappingStep(n=3, what=STEPS[2]),
        ),
    )
    taken = given(a_mapping(), step_taken(2))
    taken.when(step_taken(2)).refused(errors.StepTakenAlready, n=2)
    taken.when(step_taken(4)).refused(errors.StepUnknown, n=4)


def test_a_step_of_what_was_sent_back_leaves_it_sent_back():
    life = given(a_mapping(), delivered(action_plan=PLAN), sent_back(), step_taken(1))
    life.is_now(state=OrderState.SENT_BACK)


def test_a_mapping_ends_in_an_action_plan_and_nothing_else_does():
    given(a_mapping()).when(delivered()).refused(errors.ActionPlanMissing)
    given(placed()).when(delivered(action_plan=PLAN)).refused(errors.ActionPlanUnwanted)
    given(a_mapping()).when(delivered(action_plan=PLAN)).then(
        OrderDelivered(**after(2), report=REPORT, action_plan=PLAN)
    ).is_now(action_plan=PLAN, report=REPORT)


# Answering.


def test_it_is_accepted_once_on_behalf_of_those_it_was_ordered_from():
    order = given(placed()).when(accepted()).then(OrderAccepted(**after(2)))
    order.is_now(state=OrderState.ACCEPTED).when(accepted()).refused(errors.OrderAcceptedAlready)


@EVERY_OPEN
def test_it_is_declined_with_a_reason_as_long_as_it_is_open(life):
    version = given(*life).state.version + 1
    declining = given(*life).when(declined()).then(OrderDeclined(**after(version), reason=REASON))
    declining.is_now(state=OrderState.DECLINED, reason=REASON, is_open=False)


@EVERY_OPEN
def test_it_is_delivered_as_long_as_it_is_open_accepted_or_not(life):
    version = given(*life).state.version + 1
    given(*life).when(delivered()).then(OrderDelivered(**after(version), report=REPORT)).is_now(
        state=OrderState.DELIVERED, report=REPORT, missing=None, is_open=False
    )


@EVERY_OPEN
def test_it_is_passed_on_to_one_person_who_sits_there(life):
    version = given(*life).state.version + 1
    passed = given(*life).when(passed_on()).then(OrderPassedOn(**after(version), to="p-1"))
    passed.is_now(responsible="p-1", state=given(*life).state.state, to=OUTREACH)
    passed.when(passed_on(to="p-2")).allowed().is_now(responsible="p-2")
    passed.when(passed_on()).refused(errors.NothingChanged)
    passed.when(passed_on(to="p-3")).refused(errors.NoSeatThere)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_nobody_answers_for_another(answer):
    for organ in (BOARD, TEAM):
        answering = given(placed()).when(answer(by=COORDINATOR.acting_for(organ)))
        answering.refused(errors.OrderedFromAnother, to=OUTREACH)
    given(placed()).when(answer(by=COORDINATOR.acting_for(OUTREACH))).allowed()


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_what_is_delivered_waits_for_those_who_ordered_it(answer):
    given(placed(), delivered()).when(answer()).refused(errors.OrderIsDelivered)


# Judging.


def test_what_is_delivered_is_approved_by_those_who_ordered_it():
    note = words("Takk, dette bruker vi")
    approving = given(placed(), delivered()).when(approved(note=note))
    approving.then(OrderApproved(**after(3, BOARD), note=note)).is_now(
        state=OrderState.APPROVED, note=note, is_open=False
    )


def test_what_is_delivered_is_sent_back_with_what_is_missing():
    missing, day = words("Nettsalg"), date(2017, 1, 15)
    returning = given(placed(), delivered()).when(sent_back(missing=missing, due_on=day))
    returning.then(OrderSentBack(**after(3, BOARD), missing=missing, due_on=day)).is_now(
        state=OrderState.SENT_BACK, missing=missing, due_on=day, is_open=True
    )
    given(placed(), delivered(), sent_back()).is_now(due_on=DUE)


def test_what_is_sent_back_gets_no_day_that_has_passed():
    returning = given(placed(), delivered()).when(sent_back(due_on=MONDAY.at.date()))
    returning.refused(errors.DueBeforeItBegan)


@EVERY_OPEN
def test_what_is_not_delivered_is_neither_approved_nor_sent_back(life):
    for judgement in (approved, sent_back):
        given(*life).when(judgement()).refused(errors.OrderIsNotDelivered)


@EVERY_OPEN
def test_it_is_withdrawn_as_long_as_it_is_open(life):
    version, reason = given(*life).state.version + 1, words("Feil tjeneste")
    withdrawing = given(*life).when(withdrawn(reason=reason))
    withdrawing.then(OrderWithdrawn(**after(version, BOARD), reason=reason)).is_now(
        state=OrderState.WITHDRAWN, reason=reason, is_open=False
    )


def test_what_is_delivered_is_not_withdrawn():
    given(placed(), delivered()).when(withdrawn()).refused(errors.OrderIsDelivered)


@pytest.mark.parametrize("judgement", JUDGEMENTS.values(), ids=JUDGEMENTS)
def test_only_those_who_ordered_it_judge_it(judgement):
    life = given(placed(), *([delivered()] if judgement is not withdrawn else []))
    for organ in (GROUP, OUTREACH):
        judging = life.when(judgement(by=COORDINATOR.acting_for(organ)))
        judging.refused(errors.NotYourOrder, ordered_by=BOARD)
    life.when(judgement(by=BY_THE_BOARD)).allowed()


@EVERY_ENDED
def test_what_has_ended_stays_as_it_is(life):
    for step in (*ANSWERS.values(), *JUDGEMENTS.values()):
        given(*life).when(step()).refused(errors.OrderIsEnded)


def test_nothing_happens_to_it_before_it_was_placed():
    for step in (accepted, withdrawn):
        given(placed(at=FRIDAY)).when(step(at=TUESDAY)).refused(errors.BeforeTheOrder)


def test_it_is_for_those_who_ordered_it_and_those_it_was_ordered_from():
    order = given(placed(), passed_on()).state
    assert marks_on(order.id, order.readers) == {BOARD, OUTREACH, EVERYBODY}


def test_what_is_placed_and_how_it_is_judged_are_decisions():
    life = given(placed(), accepted(), delivered(), sent_back(), delivered(), approved())
    decided = [type(event).__name__ for event in life.events if event.is_decision]
    assert decided == ["OrderPlaced", "OrderSentBack", "OrderApproved"]
    assert given(placed(), withdrawn()).events[-1].is_decision
