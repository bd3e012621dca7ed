"""A town where much has happened: every kind of event, several cases, merges and reversals."""

from datetime import date

from api.installation import OpenLedger
from domain.case import Case
from domain.terms import Conclusion, PreventionLevel
from ledger.database import Connection
from tests.domain.scenario import COORDINATOR, NEXT_FRIDAY, OTHER_COORDINATOR, oslo
from tests.domain.topologies import BOARD, GROUP, OTHER_TEAM, OUTREACH, PROGRAMME, TEAM
from tests.lives import Town, settled
from tests.meetings import convened, logged, meets
from tests.orders import MAPPING, placed
from tests.orders import does as ordered

EARLY, LATE = date(2026, 3, 1), date(2026, 12, 1)


def make_busy(ledger: OpenLedger) -> Town:
    """About sixty events. Cases in the order in which they were raised:

    0 lifted, assigned, answered and closed · 1 lifted and reversed, with two assignments ·
    2 merged into 1, owing · 3 just raised, in another year · 4 at the board, decided ·
    5 returned, closed and reopened, its clock paused. One meeting was held, and one is to come;
    one order was sent back, and one declined.
    """
    town = settled(ledger)
    town.whole_life(title="Choking game", themes=("vold",))
    first = town.raised(title="Jentene selger e-sigaretter", themes=("rus",), focus_area="rus")
    merged = town.raised(title="Salg av snus", raised_by=OTHER_TEAM, themes=("rus", "vinning"))
    town.does(merged, "escalate", urgent=True, title_there="Snus på skolene")
    town.does(first, "discuss")
    town.does(first, "escalate")
    town.does(first, "assign", due_on=LATE)
    town.does(first, "assign", due_on=EARLY, service=PROGRAMME)
    town.does(first, "decline", 2)
    town.raised(raised_by=OTHER_TEAM, at=oslo(2015, 3, 1), service=OUTREACH, ages=(13, 16))
    town.merged(merged, first)
    town.does(first, "complete", 1)
    town.reversed(first, 5)
    town.reversed(first, 3)
    fourth = town.raised(raised_by=TEAM, prevention_level=PreventionLevel.SELECTIVE)
    town.does(fourth, "refer")
    town.does(fourth, "discuss", conclusion=Conclusion.ASK_TO_LIFT)
    town.does(fourth, "escalate")
    town.does(fourth, "discuss")
    town.does(fourth, "escalate", to=BOARD)
    town.does(fourth, "discuss", conclusion=Conclusion.DECIDED, decision="Vi åpner en hall")
    town.does(fourth, "start_measure", service=OUTREACH)
    town.does(fourth, "evaluate_measure", 1)
    town.does(fourth, "reclassify", focus_area="rus")
    town.does(fourth, "link", other=first)
    town.sets_focus_area("vold", year=2016)
    town.registers("s-3", "Helsestasjonen")
    fifth = town.raised(raised_by=OTHER_TEAM, title="Russetid", themes=("rus",))
    town.does(fifth, "escalate", urgent=True)
    town.does(fifth, "assign", due_on=EARLY)
    town.does(fifth, "return_", to=OTHER_TEAM)
    town.does(fifth, "close")
    town.does(fifth, "reopen")
    town.does(fifth, "pause")
    town.does(fifth, "note", by=COORDINATOR.acting_for(GROUP))
    town.corrected(fifth, 2)
    town.does(fifth, "answer", to=OTHER_TEAM)
    town.does(fifth, "acknowledge", 1, asks_again="Når da?")
    town.dissolves(PROGRAMME)
    erased(town, fifth)
    town.does(fifth, "resume", at=oslo(2016, 9, 20, 12))
    town.does(fourth, "restrict", people=("p-1",))
    town.does(fourth, "break_glass", by=OTHER_COORDINATOR)
    town.does(fifth, "restrict", people=("p-2",))
    town.does(fifth, "lift_restriction")
    held = convened(town, GROUP, place="Rådhuset")
    meets(town, held, "add_item", cases=(first,))
    meets(town, held, "add_item", title="Julebordet")
    logged(town, held, 1, first, "note")
    meets(town, held, "postpone", 2)
    meets(town, held, "close")
    meets(town, convened(town, GROUP, NEXT_FRIDAY), "admit", "p-1")
    order = placed(town, **MAPPING)
    ordered(town, order, "take_step", 1)
    ordered(town, order, "deliver", action_plan="Plan for tryggere fredager")
    ordered(town, order, "send_back")
    ordered(town, placed(town), "decline")
    return town


def erased(town: Town, case: str) -> None:
    """The title's words are taken out, as an erasure will do it."""
    title = town.case(case).title
    town.does(case, "erase", text_id=title.id)

    def delete(connection: Connection) -> None:
        connection.execute("DELETE FROM texts WHERE id = %s", (title.id,))

    town.ledger.database.read(delete)


def as_loaded(town: Town, position: int | None = None) -> dict[str, Case]:
    """Every case as the ledger tells it at a position, in the order in which they were raised."""
    loaded = {case: town.engine.load(Case, case, position) for case in town.cases()}
    return {case: seen.state for case, seen in loaded.items() if seen is not None}
