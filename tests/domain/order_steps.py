"""The steps of an order's life, with the facts that they usually have."""

from collections.abc import Callable
from datetime import date

from domain.event import Event
from domain.order import Order
from domain.terms import OrderKind
from tests.domain.scenario import COORDINATOR, MONDAY, TUESDAY, words
from tests.domain.topologies import BAERUM, BOARD, OUTREACH

STREAM = "order:1"
BY_THE_BOARD = COORDINATOR.acting_for(BOARD)
WHAT = words("Finn ut hvem som selger til ungdom")
EFFECT = words("Færre under 18 får kjøpt")
MANDATE = words("Kartlegg rus blant ungdom i vest")
STEPS = (words("Samtaler med skolene"), words("Møte med politiet"), words("Handlingsplan"))
REASON = words("Vi har ikke folk")
REPORT = words("Det er tre butikker")
PLAN = words("Plan for tryggere fredager")
DUE = date(2016, 12, 1)

OrderStep = Callable[[Order], Event]


def placed(of: str = STREAM, **facts: object) -> Callable[[None], Event]:
    usual = {
        "kind": OrderKind.ANALYSIS,
        "to": OUTREACH,
        "what": WHAT,
        "expected_effect": EFFECT,
        "due_on": DUE,
        "topology": BAERUM,
        "by": BY_THE_BOARD,
        "at": MONDAY,
    }
    return lambda _: Order.place(of, **(usual | facts))


def a_mapping(**facts: object) -> Callable[[None], Event]:
    return placed(**({"kind": OrderKind.MAPPING, "mandate": MANDATE, "steps": STEPS} | facts))


def _step(name: str, /, **usual: object) -> Callable[..., OrderStep]:
    usual = {"by": COORDINATOR, "at": TUESDAY} | usual

    def build(*numbers: int, **facts: object) -> OrderStep:
        return lambda order: getattr(order, name)(*numbers, **(usual | facts))

    return build


accepted = _step("accept")
declined = _step("decline", reason=REASON)
passed_on = _step("pass_on", to="p-1", seated=frozenset({"p-1", "p-2"}))
step_taken = _step("take_step", note=None)
delivered = _step("deliver", report=REPORT)
approved = _step("approve")
sent_back = _step("send_back", missing=words("Hva med nettsalg?"))
withdrawn = _step("withdraw", reason=words("Feil tjeneste"))
