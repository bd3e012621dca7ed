"""The record of credentials. It lies in the access log: who was let in belongs to who came in."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import LiteralString

from domain.credential import Credential
from domain.errors import NothingChanged
from domain.event import Event
from ledger.accesses import AccessLog
from ledger.commands import Command
from ledger.engine import TRIES, Busy
from ledger.recorder import ENTRY, StreamMovedOn, entry
from ledger.stored import Entry


def record(log: AccessLog, stream_id: str, decide: Callable[[Credential], Event]) -> None:
    """Put down what *decide* says happened to the credential, unless that stands there already."""
    with suppress(NothingChanged):
        _append(log, stream_id, decide)


def _append(log: AccessLog, stream_id: str, decide: Callable[[Credential], Event]) -> None:
    """Not by way of `Engine.act`: to it every access is a change of the structure."""
    for _ in range(TRIES):
        seen = log.engine.load(Credential, stream_id)
        event = decide(seen.state if seen is not None else Credential(id=stream_id))
        with suppress(StreamMovedOn):
            log.engine.ledger.append(
                [log.engine.written.to_stored_event(event)],
                command=Command(actor=event.actor),
                seen=seen.position if seen is not None else 0,
            )
            return
    raise Busy


def found(log: AccessLog, *, before: int, limit: int) -> list[Entry]:
    """At most *limit* entries before position *before*, the newest first."""
    return [entry(row) for row in log.database.rows(_FOUND, before=before, limit=limit)]


def last_changes(log: AccessLog) -> Mapping[str, Entry]:
    """Of each credential that there ever was, by its stream: what happened to it last."""
    entries = [entry(row) for row in log.database.rows(_LAST)]
    return {str(one.originator_id): one for one in entries}


# By the index of streams, which the collation "C" keeps in the order of bytes: ";" follows ":".
_FOUND: LiteralString = (
    "SELECT " + ENTRY + " FROM events e WHERE stream_id >= 'credential:' "
    "AND stream_id < 'credential;' AND position < %(before)s ORDER BY position DESC LIMIT %(limit)s"
)
_LAST: LiteralString = (
    "SELECT DISTINCT ON (e.stream_id) " + ENTRY + " FROM events e WHERE stream_id >= 'credential:' "
    "AND stream_id < 'credential;' ORDER BY e.stream_id, e.version DESC"
)
