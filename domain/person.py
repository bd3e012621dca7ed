"""The life of a person in this ledger: registered, given roles, bound to confidentiality."""

from typing import Any, assert_never

from pydantic import BaseModel, ConfigDict

from domain import errors
from domain.actor import Actor, Role
from domain.entries import TextErased
from domain.event import Event, Occurred, envelope
from domain.text import Text


class PersonRegistered(Event):
    """`person` is a stable id that says nothing of who it is; the name is words."""

    person: str
    name: Text | None = None


class RoleGiven(Event):
    role: Role


class RoleWithdrawn(Event):
    role: Role


class SignInBound(Event):
    """From now on the person signs in with this provider. `invited_by`: the id of whoever asked
    them to, unless they came by themselves. What the provider calls them is kept elsewhere."""

    provider: str
    invited_by: str | None = None


class ConfidentialityConfirmed(Event):
    """`text_version`: which text of the municipality's; see `ConfidentialityWorded`."""

    text_version: int


PersonEvent = (
    PersonRegistered | RoleGiven | RoleWithdrawn | SignInBound | ConfidentialityConfirmed
    | TextErased
)  # fmt: skip


class Person(BaseModel):
    """A person as their events so far have made them. Seats are the organs' and services' own."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    person: str
    name: Text | None = None
    roles: tuple[Role, ...] = ()
    confirmed: int | None = None
    """The newest text on confidentiality that they have confirmed."""
    erased: tuple[str, ...] = ()

    @classmethod
    def register(
        cls, *, person: str, name: Text | None, by: Actor, at: Occurred
    ) -> PersonRegistered:
        return PersonRegistered(**envelope(person_id(person), 1, by, at), person=person, name=name)

    def give_role(self, *, role: Role, by: Actor, at: Occurred) -> RoleGiven:
        """A member is one by a seat, not by a role."""
        if role is Role.MEMBER:
            raise errors.MembersHaveSeats
        if role in self.roles:
            raise errors.NothingChanged
        return RoleGiven(**self._next(by, at), role=role)

    def withdraw_role(self, *, role: Role, by: Actor, at: Occurred) -> RoleWithdrawn:
        if role not in self.roles:
            raise errors.NothingChanged
        return RoleWithdrawn(**self._next(by, at), role=role)

    def bind_sign_in(
        self, *, provider: str, invited_by: str | None, by: Actor, at: Occurred
    ) -> SignInBound:
        """Again for each that they sign in with, and with as many as they like."""
        return SignInBound(**self._next(by, at), provider=provider, invited_by=invited_by)

    def confirm_confidentiality(
        self, *, text_version: int, in_force: int, by: Actor, at: Occurred
    ) -> ConfidentialityConfirmed:
        """By the person alone, and of the text *in_force* (its version)."""
        if by.id != self.person:
            raise errors.OnlyThePersonConfirms
        if text_version != in_force:
            raise errors.ConfidentialityTextReplaced
        if self.confirmed == text_version:
            raise errors.NothingChanged
        return ConfidentialityConfirmed(**self._next(by, at), text_version=text_version)

    def _next(self, by: Actor, at: Occurred) -> dict[str, Any]:
        return envelope(self.id, self.version + 1, by, at)


def person_id(person: str) -> str:
    """The stream of the person with this id."""
    return f"person:{person}"


def evolve(person: Person | None, event: PersonEvent) -> Person:
    """What *person* becomes once *event* has happened."""
    if person is None:
        assert isinstance(event, PersonRegistered), "a person begins by being registered"  # noqa: S101
        return Person(id=event.originator_id, version=1, person=event.person, name=event.name)
    person = person.model_copy(update={"version": event.originator_version})
    match event:
        case PersonRegistered():
            raise AssertionError("a person is registered once")
        case RoleGiven(role=role):
            return person.model_copy(update={"roles": (*person.roles, role)})
        case RoleWithdrawn(role=role):
            kept = tuple(one for one in person.roles if one is not role)
            return person.model_copy(update={"roles": kept})
        case SignInBound():
            return person
        case ConfidentialityConfirmed(text_version=version):
            return person.model_copy(update={"confirmed": version})
        case TextErased(text_id=text_id):
            return person.model_copy(update={"erased": (*person.erased, text_id)})
    assert_never(event)
