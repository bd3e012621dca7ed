"""The municipality's structure as rules read it: data, never code."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict

from domain.errors import (
    FocusAreaUnknown,
    OrganIsDissolved,
    OrganUnknown,
    PlaceUnknown,
    ServiceIsMerged,
    ServiceUnknown,
    ThemeUnknown,
)

THEMES = (
    "rus", "vold", "seksualitet", "nettvett", "mobbing", "utenforskap", "ekstremisme",
    "psykisk-helse", "overganger", "fritid", "vinning", "russetid", "trygghet", "struktur", "annet",
)  # fmt: skip


class Level(StrEnum):
    """Where in the model an organ works."""

    EXECUTING = "executing"
    COORDINATING = "coordinating"
    STEERING = "steering"


class OutsidePlace(StrEnum):
    """Where a matter may be referred outside the model: codes, so that no words are needed."""

    POLICE = "police"
    CHILD_WELFARE = "child_welfare"
    HEALTH = "health"
    SCHOOL = "school"
    COUNTY = "county"
    NAV = "nav"
    OTHER_MUNICIPALITY = "other_municipality"
    OTHER = "other"


class Post(BaseModel):
    """An organ's place in the structure."""

    model_config = ConfigDict(frozen=True)

    key: str
    level: Level
    parent: str | None = None
    lifts_to: tuple[str, ...] = ()
    dissolved: bool = False


class Topology(BaseModel):
    """All organs, services, themes and focus areas at one moment, by key."""

    model_config = ConfigDict(frozen=True)

    organs: dict[str, Post] = {}
    services: dict[str, str | None] = {}
    """Each service, and the one that it was merged into, if any."""
    themes: frozenset[str] = frozenset(THEMES)
    focus_areas: frozenset[str] = frozenset()

    def organ(self, key: str | None) -> Post:
        """The organ with this key, dissolved or not."""
        post = self.organs.get(key or "")
        if post is None:
            raise OrganUnknown
        return post

    def living_organ(self, key: str | None) -> Post:
        """The organ with this key, which still meets."""
        post = self.organ(key)
        if post.dissolved:
            raise OrganIsDissolved
        return post

    def living_service(self, key: str) -> str:
        """The key itself, of a service that still stands on its own."""
        if key not in self.services:
            raise ServiceUnknown
        if self.services[key] is not None:
            raise ServiceIsMerged
        return key

    def successor(self, key: str) -> str:
        """The key of the service that this one has become part of, if it has; else itself."""
        seen: set[str] = set()
        while (into := self.services.get(key)) is not None and key not in seen:
            seen.add(key)
            key = into
        return key

    def responsible(self, key: str) -> str:
        """The key itself, of a service or an organ that can be given a responsibility."""
        return self.living_organ(key).key if key in self.organs else self.living_service(key)

    def place(self, key: str) -> str:
        """The key itself, of somewhere a matter may be referred to."""
        if key not in self.organs and key not in self.services and key not in set(OutsidePlace):
            raise PlaceUnknown
        return key

    def known_themes(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        """The themes in the order given, each once."""
        if not self.themes.issuperset(keys):
            raise ThemeUnknown
        return tuple(dict.fromkeys(keys))

    def known_focus_area(self, key: str | None) -> str | None:
        if key is not None and key not in self.focus_areas:
            raise FocusAreaUnknown
        return key

    def is_below(self, key: str, above: str) -> bool:
        """Whether *above* is reached from *key* by parents and by the places it lifts to."""
        seen: set[str] = set()
        waiting = [key]
        while waiting:
            post = self.organs.get(waiting.pop())
            ups = {post.parent, *post.lifts_to} - {None, *seen} if post else set()
            if above in ups:
                return key != above
            seen |= {up for up in ups if up}
            waiting += [up for up in ups if up]
        return False

    def with_organ(self, key: str, **changes: object) -> Self:
        before = self.organs[key].model_dump() if key in self.organs else {"key": key}
        post = Post.model_validate(before | changes)
        return self.model_copy(update={"organs": {**self.organs, key: post}})

    def with_service(self, key: str, merged_into: str | None = None) -> Self:
        return self.model_copy(update={"services": {**self.services, key: merged_into}})
