"""How an event is written down and read back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from eventsourcing.persistence import JSONTranscoder, Mapper, Notification, StoredEvent
from pydantic_core import to_jsonable_python

from domain.case import CaseRaised
from domain.event import Event, utc
from domain.lives import EVENTS, life_of

Json = dict[str, Any]

UPCASTS: Mapping[tuple[str, int], Callable[[Json], Json]] = {
    ("MeetingConvened", 1): lambda fields: {**fields, "ends_at": None},
    ("MeetingMoved", 1): lambda fields: {**fields, "ends_at": None},
    ("PolicySet", 1): lambda fields: {**fields, "policy": {**fields["policy"], "small_numbers": 5}},
}
"""By name and schema version: what makes stored data of that version into the next one's."""


class NewerForm(Exception):
    """This event was written by a newer version of Løft. Run that one."""


_APART = {"originator_id", "originator_version", "actor", "occurred_at"}


@dataclass(frozen=True)
class Written(StoredEvent):
    """An event on its way into the ledger, before it has a place there."""

    stream_type: str
    schema_version: int
    data: Json
    actor: Json
    occurred_at: datetime


@dataclass(frozen=True)
class Entry(Notification):
    """A row of the ledger; `id` is its position, `state` the JSON of its data."""

    stream_type: str
    schema_version: int
    data: Json
    actor: Json
    occurred_at: datetime
    recorded_at: datetime
    command_id: UUID
    causation_id: UUID | None
    correlation_id: UUID | None
    leaf_hash: bytes


class EventMapper(Mapper[str]):
    """Between events and rows. Data that no longer fits its class is refused by pydantic."""

    def __init__(self) -> None:
        super().__init__(JSONTranscoder())

    def to_stored_event(self, domain_event: Any) -> Written:  # noqa: ANN401 - the library's protocol
        event: Event = domain_event
        fields = to_jsonable_python(event)
        return Written(
            originator_id=event.originator_id,
            originator_version=event.originator_version,
            topic=event.TOPIC,
            state=b"",
            stream_type=life_of(event).stream_type,
            schema_version=event.VERSION,
            data={
                name: value
                for name, value in fields.items()
                if name not in _APART and not (name in event.LATER and value is None)
            },
            actor=fields["actor"],
            occurred_at=event.occurred_at,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Event:
        entry = stored_event
        assert isinstance(entry, Entry)  # noqa: S101 - this mapper reads this recorder's rows
        return read(
            entry.topic,
            entry.schema_version,
            {
                **entry.data,
                "originator_id": entry.originator_id,
                "originator_version": entry.originator_version,
                "actor": entry.actor,
                "occurred_at": entry.occurred_at,
            },
        )


def read(name: str, schema_version: int, fields: Json) -> Event:
    """The event of this stored *name*, brought up to the version of its class."""
    event_class = EVENTS[name]
    if schema_version > event_class.VERSION:
        raise NewerForm
    while schema_version < event_class.VERSION:
        fields = UPCASTS[name, schema_version](fields)
        schema_version += 1
    return event_class.model_validate(fields)


def canonical(value: object) -> str:
    """RFC 8785 JSON of *value*, which holds no floats and only ASCII keys: of that, orjson writes
    byte for byte the same."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def leaf_pieces(written: Written, ids: Mapping[str, str | None]) -> tuple[str, str, str]:
    """The canonical JSON of a row in three pieces: before the case number, from there to the
    position, and after the time of recording. Only a case that is raised has a first piece."""
    row = canonical(
        {
            "actor": written.actor,
            "data": written.data,
            "name": written.topic,
            "occurred_at": utc(written.occurred_at),
            "position": 0,
            "recorded_at": "",
            "schema_version": written.schema_version,
            "stream_id": written.originator_id,
            "stream_type": written.stream_type,
            "version": written.originator_version,
            **ids,
        }
    )
    before, _, after = row.rpartition('"position":0,"recorded_at":""')
    if written.topic != CaseRaised.TOPIC:
        return "", before, after
    to_number, _, to_position = before.partition('"number":null')
    return to_number, to_position, after


def leaf(entry: Entry) -> bytes:
    """The bytes under a row's leaf hash: 0x00 and the canonical JSON of all its columns but it."""
    row = {
        "actor": entry.actor,
        "causation_id": _text(entry.causation_id),
        "command_id": _text(entry.command_id),
        "correlation_id": _text(entry.correlation_id),
        "data": entry.data,
        "name": entry.topic,
        "occurred_at": utc(entry.occurred_at),
        "position": entry.id,
        "recorded_at": utc(entry.recorded_at),
        "schema_version": entry.schema_version,
        "stream_id": entry.originator_id,
        "stream_type": entry.stream_type,
        "version": entry.originator_version,
    }
    return b"\x00" + canonical(row).encode()


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
