"""The life of a municipality in this ledger: registered, and its list of themes changed."""

from typing import assert_never

from pydantic import BaseModel, ConfigDict

from domain import errors
from domain.actor import Actor
from domain.event import Event, Occurred, envelope
from domain.text import Text
from domain.topology import THEMES

MUNICIPALITY = "municipality"


class MunicipalityRegistered(Event):
    """`number` is the municipality's official number, as text since it may begin with a zero."""

    name: Text
    number: str | None
    language: str
    themes: tuple[str, ...]


class ThemesSet(Event):
    themes: tuple[str, ...]


MunicipalityEvent = MunicipalityRegistered | ThemesSet


class Municipality(BaseModel):
    """The municipality as its events so far have made it."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    name: Text
    number: str | None
    language: str
    themes: tuple[str, ...]

    @classmethod
    def register(
        cls,
        before: "Municipality | None",
        *,
        name: Text,
        number: str | None,
        language: str,
        by: Actor,
        at: Occurred,
        themes: tuple[str, ...] = THEMES,
    ) -> MunicipalityRegistered:
        if before is not None:
            raise errors.MunicipalityExists
        return MunicipalityRegistered(
            **envelope(MUNICIPALITY, 1, by, at),
            name=name,
            number=number,
            language=language,
            themes=themes,
        )

    def set_themes(self, *, themes: tuple[str, ...], by: Actor, at: Occurred) -> ThemesSet:
        """A theme that is taken off the list stays on the cases that have it."""
        if themes == self.themes:
            raise errors.NothingChanged
        return ThemesSet(
            **envelope(self.id, self.version + 1, by, at),
            themes=themes,
        )


def evolve(municipality: Municipality | None, event: MunicipalityEvent) -> Municipality:
    """What *municipality* becomes once *event* has happened."""
    match event:
        case MunicipalityRegistered():
            return Municipality(
                id=event.originator_id,
                version=event.originator_version,
                name=event.name,
                number=event.number,
                language=event.language,
                themes=event.themes,
            )
        case ThemesSet(themes=themes):
            assert municipality is not None  # noqa: S101
            changes = {"version": event.originator_version, "themes": themes}
            return municipality.model_copy(update=changes)
    assert_never(event)
