"""One append in a batch, as the function in the database takes it."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from ledger.commands import Command
from ledger.stored import Written, leaf_pieces
from ledger.texts import Draft, texts_in


class Part(NamedTuple):
    """Events of one stream, the words that belong to them, and the ids of the texts that they
    erase. `seen`: the last position of the stream's life that was read before deciding."""

    events: Sequence[Written]
    drafts: Sequence[Draft] = ()
    erases: Sequence[str] = ()
    seen: int = 0


class Member(NamedTuple):
    """Who asked, what happened and what was said, each as JSON objects that begin with the number
    that the member gets in its batch. `names`: what it shares with no other of the batch."""

    names: set[str]
    asked: Sequence[str]
    happened: Sequence[str]
    said: Sequence[str]


def member_of(parts: Sequence[Part], command: Command, structure_seen: int | None) -> Member:
    """All of *parts* is appended, or nothing."""
    names = {name for part in parts for name in _names(part)}
    key = {f"{command.actor.id} {command.key}"} if command.key is not None else set()
    asked, happened, said = list[str](), list[str](), list[str]()
    nth = 0
    for n, part in enumerate(parts, start=1):
        asked.append(_fields(_asked(n, part, command) | {"structure_seen": structure_seen}))
        said += [_fields(_text(draft, part.events, nth)) for draft in part.drafts]
        for written in part.events:
            nth += 1
            happened.append(_fields(_event(n, nth, written, command)))
    return Member(names | key, asked, happened, said)


def _names(part: Part) -> set[str]:
    first = part.events[0]
    into = first.data.get("merged_into")
    return {str(name) for name in (first.originator_id, into) if name}


def _asked(n: int, part: Part, command: Command) -> dict[str, object]:
    """The command is remembered once, with the first part."""
    first = part.events[0]
    asked: dict[str, object] = {
        "part": n,
        "stream_id": first.originator_id,
        "is_structure": first.stream_type != "case",
        "version": first.originator_version,
        "beside": first.data.get("merged_into"),
        "beside_version": first.data.get("into_version"),
        "key": command.key if n == 1 else None,
        "actor_id": command.actor.id,
        "request_hash": command.request_hash,
        "status": 201,
        "seen": part.seen,
    }
    return asked | {"erases": list(part.erases)} if part.erases else asked


def _event(part: int, nth: int, written: Written, command: Command) -> dict[str, object]:
    ids = {
        "command_id": str(command.command_id),
        "causation_id": str(command.causation_id) if command.causation_id else None,
        "correlation_id": str(command.correlation_id) if command.correlation_id else None,
    }
    to_number, to_position, after = leaf_pieces(written, ids)
    leaf = {"leaf_1": to_number, "leaf_2": to_position, "leaf_3": after}
    return {"part": part, "nth": nth, **leaf}


def _text(draft: Draft, events: Sequence[Written], before: int) -> dict[str, object]:
    """*before*: how many events of the member come before these."""
    text_id = draft.text.id
    nth = before + (1 if len(events) == 1 else _place(text_id, events))
    return {"nth": nth, "id": text_id, "words": draft.words, "salt": draft.salt.hex()}


def _place(text_id: str, events: Sequence[Written]) -> int:
    return next(n for n, one in enumerate(events, start=1) if text_id in texts_in([one]))


def _fields(row: dict[str, object]) -> str:
    """A JSON object without its opening brace."""
    return orjson.dumps(row).decode()[1:]


def numbered(members: Sequence[Sequence[str]]) -> str:
    """A JSON array of the objects of all *members*, each with the number of its member."""
    rows = [f'{{"member":{n},{row}' for n, rows in enumerate(members) for row in rows]
    return f"[{','.join(rows)}]"
