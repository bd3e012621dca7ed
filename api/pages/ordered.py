"""Entries of several lives as people read them: what is ordered has fields of its own."""

from collections.abc import Iterable, Mapping

from api.answers import EntryAnswer
from api.language import Tongue
from api.pages import timeline
from api.pages.orders import FIELDS
from api.pages.shell import Names
from api.pages.timeline import Told


def told(
    entries: Iterable[EntryAnswer], names: Names, people: Mapping[str, str], tongue: Tongue
) -> list[Told]:
    """Each as the page of its life has it."""
    return [
        one
        for entry in entries
        for one in timeline.told(
            [entry],
            names,
            people,
            tongue,
            FIELDS if entry.event.startswith("Order") else timeline.SHOWN,
        )
    ]
