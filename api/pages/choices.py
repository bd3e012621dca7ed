"""What can be chosen in a form: of closed lists, and of what this municipality has."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from api.answers import CaseAnswer
from api.desk import Desk
from api.language import spoken_to
from api.pages.forms import Choice
from api.pages.shell import Names, person_names
from api.people import PersonAnswer
from domain.rights import Action, hat
from domain.terms import (
    Conclusion,
    Effect,
    LegalBasis,
    LinkKind,
    Outcome,
    PreventionLevel,
    ReferralReason,
    Requester,
    Why,
)
from domain.topology import OutsidePlace

Choices = Mapping[str, list[Choice]]


def of_a_case(desk: Desk, case: CaseAnswer) -> Choices:
    """What each field of a case's forms can be."""
    names, there = Names(desk.structure.names), desk.topology
    holder = there.organs.get(case.holder)
    lifts = holder.lifts_to if holder is not None else ()
    below = [key for key in there.organs if there.is_below(key, case.holder)]
    responsible = [*there.services, *there.organs]
    return {
        **everywhere(desk),
        "lifts_to": _named(names.organ, (key for key in lifts if not _gone(desk, key))),
        "returns_to": _named(names.organ, dict.fromkeys([*below, case.raised_by])),
        "responsible": _named(names.place, _living(desk, responsible)),
        "referred_to": [
            *_words(desk, OutsidePlace),
            *_named(names.organ, _living(desk, there.organs)),
        ],
        "answered": _named(names.organ, dict.fromkeys([*case.answer_owed, case.raised_by])),
    }


def readers(desk: Desk, named: Iterable[str]) -> list[Choice]:
    """Whom a case can be restricted to: all who may read cases today, but for whoever asks, and
    those who are *named* on it already."""
    roster = desk.structure.roster
    reading = {
        one
        for one in roster.roles
        if hat(roster.standing(one, on=desk.today), Action.READ_CASES) is not None
    }
    everybody = (reading | set(named)) - {desk.standing.id}
    called = person_names(desk, everybody)
    found = [Choice(one, called.get(one, one)) for one in everybody]
    return sorted(found, key=lambda one: (one.label.casefold(), one.value))


def everywhere(desk: Desk) -> Choices:
    """What fields of any form can be."""
    names, there = Names(desk.structure.names), desk.topology
    lists = {
        "conclusions": Conclusion, "whys": Why, "referral_reasons": ReferralReason,
        "outcomes": Outcome, "link_kinds": LinkKind, "effects": Effect,
        "prevention_levels": PreventionLevel, "legal_bases": LegalBasis, "requesters": Requester,
    }  # fmt: skip
    return {
        **{name: _words(desk, words) for name, words in lists.items()},
        "services": _named(names.service, _living(desk, there.services)),
        "organs": _named(names.organ, _living(desk, there.organs)),
        "themes": _words(desk, there.themes),
        "focus_areas": _named(names.focus_area, there.focus_areas),
    }


def _words(desk: Desk, words: type[StrEnum] | Iterable[str]) -> list[Choice]:
    """A theme of the municipality's own that has no translation is shown as it is written."""
    tongue = spoken_to(desk.request)
    return [Choice(str(one), tongue.gettext(str(one))) for one in words]


def _named(name: object, keys: Iterable[str]) -> list[Choice]:
    assert callable(name)  # noqa: S101 - one of those of `Names`
    return sorted((Choice(key, name(key)) for key in keys), key=lambda one: one.label.casefold())


def _living(desk: Desk, keys: Iterable[str]) -> list[str]:
    return [key for key in keys if not _gone(desk, key)]


def _gone(desk: Desk, key: str) -> bool:
    there = desk.topology
    if key in there.organs:
        return there.organs[key].dissolved
    return there.services.get(key) is not None


def people(known: Iterable[PersonAnswer]) -> list[Choice]:
    """By what they are called; by their ids where nobody knows, or the name was erased."""
    called = (Choice(one.id, one.name or one.id) for one in known)
    return sorted(called, key=lambda one: (one.label.casefold(), one.value))
