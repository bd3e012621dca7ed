"""The histories of organs, services, people, the municipality and the plan, as people read them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from api.answers import EntryAnswer, EntryPage
from api.desk import Desk
from api.language import say, spoken_to
from api.organ_answers import SeatAnswer
from api.pages import timeline
from api.pages.shell import Names, person_names
from api.problems import NotFound

MOST = 1000
FIELDS: timeline.Fields = {
    "name": (say("Name"), "words"),
    "level": (say("Level"), "word"),
    "parent": (say("The organ above it"), "place"),
    "lifts_to": (say("Lifts to"), "places"),
    "area": (say("Where"), "words"),
    "mandate": (say("Mandate"), "words"),
    "cadence": (say("Meets"), "cadence"),
    "seats": (say("So many seats must be there to decide"), "word"),
    "n": (say("Number"), "word"),
    "role": (say("As"), "word"),
    "person": (say("Who"), "person"),
    "represents": (say("On behalf of"), "words"),
    "service": (say("On behalf of the service"), "words"),
    "taken_on": (say("From"), "day"),
    "until": (say("Until, that day included"), "day"),
    "left_on": (say("Left on"), "day"),
    "into": (say("Into"), "words"),
    "reason": (say("Why"), "words"),
    "provider": (say("Signs in with"), "words"),
    "themes": (say("Themes"), "themes"),
    "text": (say("The text"), "words"),
    "focus_area": (say("Focus area"), "area"),
    "year": (say("Year"), "word"),
    "from_year": (say("From the year"), "word"),
    "to_year": (say("To the year"), "word"),
    "what": (say("What"), "words"),
    "observer": (say("Who has observed it"), "word"),
    "theme": (say("Theme"), "word"),
    "direction": (say("Which way it goes"), "word"),
    "confidence": (say("How sure it is"), "word"),
    "dark_figure": (say("How much is not seen"), "word"),
    "legal_basis": (say("Legal basis"), "word"),
}
"""The fields of an event that people read, in this order, and what stands in them."""


def history(desk: Desk, read: Callable[[], EntryPage]) -> list[timeline.Told]:
    """The newest first. *read* asks for it; there may be none yet."""
    try:
        found = read().items
    except NotFound:
        return []
    return entries(desk, found)


def entries(desk: Desk, found: Sequence[EntryAnswer]) -> list[timeline.Told]:
    """The newest first."""
    wanted = {one.actor.id for one in found}
    wanted |= {str((one.model_extra or {}).get("person")) for one in found}
    people, names = person_names(desk, wanted), Names(desk.structure.names)
    told = timeline.told(found, names, people, spoken_to(desk.request), FIELDS)
    return [*reversed(told)]


def standing(seats: Sequence[SeatAnswer], today: date) -> Iterator[SeatAnswer]:
    """The seats that are taken today."""
    for one in seats:
        begun = one.taken_on is None or one.taken_on <= today
        ended = (one.left_on is not None and one.left_on <= today) or (
            one.until is not None and one.until < today
        )
        if begun and not ended:
            yield one
