"""The stored form of every event, held by golden files that are never rewritten.

A new event, or a new version of one, gets its file by `python -m tests.ledger.test_stored`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from api.installation import OpenLedger
from domain.case import Case, CaseRaised, ProgressNoted
from domain.event import Event, utc
from domain.lives import EVENTS, life_of
from ledger import stored
from ledger.stored import EventMapper, read
from tests.ledger.examples import EXAMPLES, LATER, OLDER
from tests.ledger.leaves import wrong_leaves
from tests.lives import Town, another, settled

GOLDEN = Path(__file__).parent / "golden"


def written(name: str) -> dict[str, Any]:
    """How the example of this event is written down now."""
    return form_of(EXAMPLES[name])


def form_of(event: Event) -> dict[str, Any]:
    row = EventMapper().to_stored_event(event)
    return {
        "name": row.topic,
        "schema_version": row.schema_version,
        "stream_id": row.originator_id,
        "stream_type": row.stream_type,
        "version": row.originator_version,
        "occurred_at": utc(row.occurred_at),
        "actor": row.actor,
        "data": row.data,
    }


def golden(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text())


def fields(row: dict[str, Any]) -> dict[str, Any]:
    """What `read` is given of a stored row."""
    return {
        **row["data"],
        "originator_id": row["stream_id"],
        "originator_version": row["version"],
        "actor": row["actor"],
        "occurred_at": row["occurred_at"],
    }


def file_of(name: str) -> Path:
    return GOLDEN / f"{name}.v{EVENTS[name].VERSION}.json"


def later_file(name: str) -> Path:
    return GOLDEN / f"{name}.v1.json"


FILES = sorted(GOLDEN.glob("*.json"))


def test_every_event_has_an_example_and_every_example_an_event() -> None:
    assert set(EXAMPLES) == set(EVENTS)
    assert [name for name in EVENTS if not file_of(name).exists()] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_was_stored_reads_to_the_same_event(file: Path) -> None:
    """Of this version, and of every one before it."""
    row = golden(file)
    event = read(row["name"], row["schema_version"], fields(row))
    assert file.stem == f"{row['name']}.v{row['schema_version']}"
    assert event == OLDER.get(file.stem, EXAMPLES[row["name"]])
    assert type(event) is EVENTS[row["name"]]
    assert life_of(event).stream_type == row["stream_type"]


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_an_event_is_written_as_it_always_was(name: str) -> None:
    """Where this fails, raise the event's VERSION, write an upcast, and add a golden file."""
    assert written(name) == golden(file_of(name))


@pytest.mark.parametrize("name", LATER)
def test_an_event_with_later_fields_reads_and_is_written_as_it_always_was(name: str) -> None:
    """`not_about_individual` is a field of every event: one example of it is enough."""
    row = golden(later_file(name))
    assert read(row["name"], row["schema_version"], fields(row)) == LATER[name]
    assert form_of(LATER[name]) == row


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_an_event_says_nothing_of_later_fields_that_it_has_no_use_for(name: str) -> None:
    assert EVENTS[name].LATER.isdisjoint(written(name)["data"])


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_uses_every_field(name: str) -> None:
    kind = EVENTS[name]
    unused = [
        field
        for field, about in kind.model_fields.items()
        if getattr(EXAMPLES[name], field) == about.default and field not in kind.LATER
    ]
    assert unused == []


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_stored_event_holds_neither_floats_nor_odd_keys(name: str) -> None:
    """So that sorted JSON is RFC 8785."""
    for value in nested(written(name)):
        assert not isinstance(value, float)
        assert not isinstance(value, dict) or all(key.isascii() for key in value)


def nested(value: Any) -> Iterator[Any]:
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from nested(one)


# Older forms.


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Løft in which notes have changed twice: `text` was `words` at first, then `said`."""
    monkeypatch.setattr(ProgressNoted, "VERSION", 3)
    monkeypatch.setattr(
        stored,
        "UPCASTS",
        {
            ("ProgressNoted", 1): lambda old: renamed(old, "words", "said"),
            ("ProgressNoted", 2): lambda old: renamed(old, "said", "text"),
        },
    )


def renamed(old: dict[str, Any], was: str, becomes: str) -> dict[str, Any]:
    return {becomes if key == was else key: value for key, value in old.items()}


@pytest.mark.usefixtures("newer")
@pytest.mark.parametrize(("version", "called"), [(1, "words"), (2, "said"), (3, "text")])
def test_an_older_form_is_brought_up_version_by_version(version: int, called: str) -> None:
    row = fields(golden(GOLDEN / "ProgressNoted.v1.json"))
    old = renamed(row, "text", called)
    assert read("ProgressNoted", version, old) == EXAMPLES["ProgressNoted"]


@pytest.mark.usefixtures("newer")
def test_an_older_form_does_not_read_as_a_newer_one() -> None:
    row = fields(golden(GOLDEN / "ProgressNoted.v1.json"))
    with pytest.raises(ValidationError):
        read("ProgressNoted", 3, renamed(row, "text", "words"))


def test_an_older_form_stays_in_the_ledger_as_it_is(
    ledger: OpenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read anew each time; what is appended now has the new version."""
    town = settled(ledger)
    case = town.raised(themes=("rus",))
    monkeypatch.setattr(CaseRaised, "VERSION", 2)
    upcast = {("CaseRaised", 1): lambda old: {**old, "themes": [*old["themes"], "annet"]}}
    monkeypatch.setattr(stored, "UPCASTS", upcast)
    with another(ledger) as there:
        assert Town(there).case(case).themes == ("rus", "annet")
        assert Town(there).does(case, "note").state.themes == ("rus", "annet")
        later = Town(there).raises(themes=("vold",))
        assert later.state.themes == Town(there).case(later.state.id).themes == ("vold",)
    kept = [(e.schema_version, e.data["themes"]) for e in town.entries() if e.topic == "CaseRaised"]
    assert kept == [(1, ["rus"]), (2, ["vold"])]
    assert wrong_leaves(ledger) == []


def test_the_views_see_older_forms_brought_up(
    ledger: OpenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(ledger).raised(themes=("rus",))
    monkeypatch.setattr(CaseRaised, "VERSION", 2)
    upcast = {("CaseRaised", 1): lambda old: {**old, "themes": ["vold"]}}
    monkeypatch.setattr(stored, "UPCASTS", upcast)
    ledger.follower.catch_up()
    ((state,),) = ledger.database.rows("SELECT state FROM case_status")
    assert Case.model_validate(state).themes == ("vold",)


def test_a_form_newer_than_this_version_knows_is_refused() -> None:
    """An older Løft on newer data would read over what it does not know."""
    row = golden(GOLDEN / "CaseRaised.v1.json")
    with pytest.raises(Exception):  # noqa: B017, PT011 - in whatever words
        read("CaseRaised", CaseRaised.VERSION + 1, {**fields(row), "urgency": "high"})


def test_an_event_of_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        read("CaseForgotten", 1, {})


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for event_name in EVENTS:
        if not file_of(event_name).exists():
            form = json.dumps(written(event_name), indent=2, sort_keys=True)
            file_of(event_name).write_text(form + "\n")
    for later_name, later in LATER.items():
        later_file(later_name).parent.mkdir(exist_ok=True)
        if not later_file(later_name).exists():
            form = json.dumps(form_of(later), indent=2, sort_keys=True)
            later_file(later_name).write_text(form + "\n")
