"""The life of a municipality in this ledger: registered, and its list of themes changed."""

from typing import ClassVar, assert_never

from pydantic import BaseModel, ConfigDict

from domain import errors
from domain.actor import Actor
from domain.entries import TextErased
from domain.event import Event, Occurred, envelope
from domain.policy import SHIPPED, InForce, Policy
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


class ConfidentialityWorded(Event):
    """What everybody confirms at their first sign-in, in words; `text_version` counts from 1. As
    long as the municipality has none of its own it is the shipped text, version 0."""

    text_version: int
    text: Text


class PolicySet(Event):
    """The whole policy on deadlines; `policy_version` counts from 1. Before, the shipped one holds,
    version 0."""

    VERSION: ClassVar[int] = 2
    policy_version: int
    policy: Policy


MunicipalityEvent = (
    MunicipalityRegistered | ThemesSet | ConfidentialityWorded | PolicySet | TextErased
)


class Municipality(BaseModel):
    """The municipality as its events so far have made it."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    name: Text
    number: str | None
    language: str
    themes: tuple[str, ...]
    confidentiality: Text | None = None
    confidentiality_version: int = 0
    erased: tuple[str, ...] = ()
    in_force: InForce = SHIPPED

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

    def word_confidentiality(self, *, text: Text, by: Actor, at: Occurred) -> ConfidentialityWorded:
        """Everybody confirms it anew."""
        return ConfidentialityWorded(
            **envelope(self.id, self.version + 1, by, at),
            text_version=self.confidentiality_version + 1,
            text=text,
        )

    def set_policy(self, *, policy: Policy, by: Actor, at: Occurred) -> PolicySet:
        """From now on, also for what has begun before."""
        if policy.checked() == self.in_force.policy:
            raise errors.NothingChanged
        return PolicySet(
            **envelope(self.id, self.version + 1, by, at),
            policy_version=self.in_force.version + 1,
            policy=policy,
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
        case ConfidentialityWorded(text_version=text_version, text=text):
            assert municipality is not None  # noqa: S101
            changes = {
                "version": event.originator_version,
                "confidentiality": text,
                "confidentiality_version": text_version,
            }
            return municipality.model_copy(update=changes)
        case TextErased(text_id=text_id):
            assert municipality is not None  # noqa: S101
            changes = {
                "version": event.originator_version,
                "erased": (*municipality.erased, text_id),
            }
            return municipality.model_copy(update=changes)
        case PolicySet(policy_version=policy_version, policy=policy):
            assert municipality is not None  # noqa: S101
            in_force = InForce(version=policy_version, policy=policy)
            changes = {"version": event.originator_version, "in_force": in_force}
            return municipality.model_copy(update=changes)
    assert_never(event)
