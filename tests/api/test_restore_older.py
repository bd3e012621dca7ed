"""An older backup: what is lost is told and must be accepted, and what was erased stays erased."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api import restoring
from api.restoring import NotSettled, accept_loss
from domain.errors import NothingLost
from ledger import checkpoints, loss, schema
from ledger.archive import BackupRefused
from ledger.checkpoints import Standing
from ledger.loss import NoList, NothingButABackupHelps, listed_in
from ledger.restore import PromiseUnreadable
from tests.api.backups import Home, home, moved
from tests.api.story import RAISING
from tests.conftest import SCHEMA, Client, Server
from tests.lives import Town, until

ERASURE = {"legal_basis": "confidentiality", "reason": "Den peker ut noen"}
ERASED = "Xyzzyplugh på Sandvika"


@pytest.fixture
def origin(server: Server, baerum_template: str, tmp_path: Path) -> Iterator[Home]:
    with home(server, tmp_path / "origin", baerum_template) as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "older"


def raises(at: Home, cases: int) -> None:
    with at.opened() as ledger:
        for _ in range(cases):
            Town(ledger).raised(raised_by="vestre-13-16")


def accepts(at: Home, *listed: object) -> int:
    return accept_loss(at.installation, SCHEMA, listed)


@pytest.fixture
def behind(origin: Home, file: Path) -> Home:
    """A ledger that an older backup was put back into: forty events are lost."""
    origin.backs_up(file)
    raises(origin, 40)
    origin.signs()
    restored = origin.restores(file, replace=True)
    assert restored.standing is Standing.BEHIND
    assert restored.promised is not None
    assert restored.promised.size == 209
    assert restored.dropped == 40
    return origin


def test_an_older_backup_is_read_and_takes_no_writes(behind: Home) -> None:
    with behind.served() as client:
        until(lambda: client.ledger.engine.ledger.closed is not None)
        assert len(client.get("/api/cases").json()["items"]) == 38
        assert client.post("/api/cases", json=RAISING).status_code == 503
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["standing"]) == (503, "behind")
    verdict = behind.verdict()
    assert (verdict.outcome.value, verdict.position) == (1, 170)
    assert verdict.what == "Events 170 to 209 are missing."


def test_an_accepted_loss_opens_the_ledger_and_stands_in_it(behind: Home) -> None:
    before = behind.rows("events")
    with behind.served() as client:
        until(lambda: client.ledger.engine.ledger.closed is not None)
        assert accepts(behind) == 40
        until(lambda: client.post("/api/cases", json=RAISING).status_code == 201)
        until(lambda: client.get("/readyz").status_code == 200)
        (entry,) = client.ledger.engine.ledger.select_events("keeping")
    assert entry.topic == "LossAccepted"
    assert (entry.data["kept"], entry.data["signed_size"]) == (169, 209)
    assert entry.actor == {"id": "restore", "role": "admin", "organ": None}
    assert set(before) < set(behind.rows("events"))
    assert behind.verdict().ok
    laid_aside = behind.data / "checkpoints" / f"{SCHEMA}.lost-209"
    assert laid_aside.exists()
    with pytest.raises(NothingLost):
        accepts(behind)


def test_it_can_be_accepted_at_once(origin: Home, file: Path) -> None:
    printed = origin.signs()
    raises(origin, 1)
    origin.backs_up(file)
    raises(origin, 1)
    lost = origin.signs()
    restored = origin.restores(file, replace=True, accept_loss=True)
    assert restored.standing is Standing.WHOLE
    assert origin.verdict(printed).what.endswith("the given checkpoint fits.")
    assert not origin.verdict(lost).ok
    raises(origin, 1)
    origin.signs()
    assert origin.verdict(printed).ok
    with origin.served() as client:
        until(lambda: client.get("/readyz").status_code == 200)


def test_accepting_that_was_cut_short_is_finished_by_a_repeat(
    behind: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the event itself makes the ledger as long as it was."""
    with monkeypatch.context() as cut:
        cut.setattr(loss, "erase_again", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            accepts(behind)
    assert accepts(behind) == 40
    with behind.opened() as ledger:
        assert len(ledger.engine.ledger.select_events("keeping")) == 1
    assert behind.verdict().ok


def test_a_loss_of_one_event_is_as_long_as_the_event_that_accepts_it(
    origin: Home, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin.backs_up(file)
    raises(origin, 1)
    origin.signs()
    origin.restores(file, replace=True)
    with monkeypatch.context() as cut:
        cut.setattr(loss, "erase_again", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            accepts(origin)
    assert not origin.verdict().ok
    assert accepts(origin) == 1
    assert origin.verdict().ok


def test_where_nothing_is_lost_there_is_nothing_to_accept(origin: Home, file: Path) -> None:
    with pytest.raises(NothingLost):
        accepts(origin)
    origin.backs_up(file)
    before = (origin.contents(), origin.schemas())
    with pytest.raises(NothingLost):
        origin.restores(file, replace=True, accept_loss=True)
    assert (origin.contents(), origin.schemas()) == before


def test_what_has_gone_another_way_is_no_loss_to_accept(
    server: Server, origin: Home, file: Path, tmp_path: Path
) -> None:
    """Two installations went on from the same backup, with the same key."""
    origin.backs_up(file)
    raises(origin, 1)
    origin.signs()
    with home(server, tmp_path / "fork") as fork:
        moved(origin, fork, "signing-key.pem")
        fork.restores(file)
        raises(fork, 1)
        fork.backs_up(tmp_path / "forked")
        note = fork.data / "checkpoints" / f"{SCHEMA}.note"
        forged = note.read_bytes()
    before = origin.contents()
    for accept in (False, True):
        with pytest.raises(BackupRefused, match="altered"):
            origin.restores(tmp_path / "forked", replace=True, accept_loss=accept)
    assert origin.contents() == before
    (origin.data / "checkpoints" / f"{SCHEMA}.note").write_bytes(forged)
    with pytest.raises(NothingButABackupHelps):
        accepts(origin)
    assert origin.contents() == before


def test_where_it_cannot_be_told_what_is_lost_nothing_is_put_back(origin: Home, file: Path) -> None:
    origin.backs_up(file)
    (origin.data / "checkpoints" / f"{SCHEMA}.note").write_text("Xyzzyplugh")
    before = (origin.contents(), origin.schemas())
    with pytest.raises(PromiseUnreadable):
        origin.restores(file, replace=True)
    with pytest.raises(PromiseUnreadable):
        accepts(origin)
    assert (origin.contents(), origin.schemas()) == before


def test_what_cannot_be_kept_outside_is_told_when_it_is_in_its_place(
    origin: Home, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin.backs_up(file)
    raises(origin, 1)
    (origin.data / "checkpoints" / f"{SCHEMA}.note").unlink()

    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(checkpoints, "write_whole", full)
    monkeypatch.setattr(restoring, "write_whole", full)
    with pytest.raises(NotSettled):
        origin.restores(file, replace=True)
    monkeypatch.undo()
    assert len(origin.rows("events")) == 169
    assert origin.verdict().ok


def test_a_newer_backup_makes_good_what_an_older_one_lost(
    origin: Home, file: Path, tmp_path: Path
) -> None:
    origin.backs_up(file)
    raises(origin, 1)
    origin.backs_up(tmp_path / "newer")
    assert origin.restores(file, replace=True).standing is Standing.BEHIND
    assert origin.restores(tmp_path / "newer", replace=True).standing is Standing.WHOLE
    assert origin.verdict().ok


def test_a_key_that_was_changed_since_is_introduced_again(origin: Home, file: Path) -> None:
    origin.backs_up(file)
    for _ in range(2):
        raises(origin, 1)
        origin.installation.rotate_key()
        origin.signs()
    origin.restores(file, replace=True, accept_loss=True)
    assert len(origin.rows("signing_keys")) == 3
    assert origin.verdict().ok


def test_without_its_key_a_ledger_is_read_and_not_signed(
    server: Server, origin: Home, file: Path, tmp_path: Path
) -> None:
    origin.backs_up(file)
    with home(server, tmp_path / "keyless") as keyless:
        assert keyless.restores(file).standing is Standing.KEY_UNKNOWN
        assert keyless.verdict().ok
        moved(origin, keyless, "signing-key.pem")
        raises(keyless, 1)
        keyless.signs()
        assert keyless.verdict().ok


# Erased words.


def erased_after_a_backup(origin: Home, file: Path) -> str:
    """A case whose title is erased after the backup was made."""
    with origin.served() as client:
        raised = client.post("/api/cases", json=RAISING | {"title": ERASED})
        assert raised.status_code == 201
        case = raised.json()["id"]
        origin.backs_up(file)
        text_id = title_of(client, case)["text_id"]
        assert is_readable(origin)
        body = ERASURE | {"text_id": text_id}
        erased = client.post(f"/api/cases/{case}/erasures", json=body)
        assert erased.status_code == 201, erased.text
    return str(case)


def title_of(client: Client, case: str) -> dict[str, object]:
    history = client.get(f"/api/cases/{case}/history").json()["items"]
    return dict(history[0]["title"])


def is_readable(at: Home) -> bool:
    """Whether the words stand anywhere in the ledger's schema."""
    with at.opened() as ledger:
        tables = ledger.database.rows(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        )
    return any("zzyplugh" in row.lower() for (table,) in tables for row in at.rows(table))


def test_what_was_erased_since_is_erased_again(origin: Home, file: Path) -> None:
    case = erased_after_a_backup(origin, file)
    (origin.data / "checkpoints" / f"{SCHEMA}.note").unlink()  # nothing after it was signed
    restored = origin.restores(file, replace=True)
    assert (restored.standing, restored.erased) == (Standing.WHOLE, 1)
    assert not is_readable(origin)
    with origin.served() as client:
        until(lambda: client.get("/readyz").status_code == 200)
        title = title_of(client, case)
        assert (title["words"], title["erased_at"]) == (None, 171)
        last = client.get(f"/api/cases/{case}/history").json()["items"][-1]
        assert (last["event"], last["actor"]["id"]) == ("TextErased", "restore")
        assert last["reason"]["words"] == loss.REASON
    assert origin.verdict().what.endswith("; 1 text erased under 1 request.")


def test_while_the_loss_is_not_accepted_the_words_are_gone_already(
    origin: Home, file: Path
) -> None:
    case = erased_after_a_backup(origin, file)
    origin.signs()
    restored = origin.restores(file, replace=True)
    assert (restored.standing, restored.erased) == (Standing.BEHIND, 1)
    assert not is_readable(origin)
    assert origin.verdict().what == "Event 171 is missing."
    with origin.served() as client:
        assert title_of(client, case)["words"] is None
        accepts(origin)
        until(lambda: client.get("/readyz").status_code == 200)
        title = title_of(client, case)
        assert (title["words"], title["erased_at"]) == (None, 172)
    assert origin.verdict().ok


def test_what_is_listed_elsewhere_is_erased_too_and_kept_in_mind(
    server: Server, origin: Home, file: Path, tmp_path: Path
) -> None:
    erased_after_a_backup(origin, file)
    listed = listed_in(origin.data / "erasures" / f"{SCHEMA}.jsonl")
    assert len(listed) == 1
    with home(server, tmp_path / "other") as other:
        moved(origin, other, "signing-key.pem")
        assert other.restores(file, listed=listed).erased == 1
        assert not is_readable(other)
        assert other.verdict().ok
        own = other.installation.erasures(SCHEMA).all()
        assert {one.text_id for one in own} == {listed[0].text_id}
        assert other.restores(file, replace=True).erased == 1


def test_a_list_that_names_what_is_not_there_does_nothing(
    server: Server, origin: Home, file: Path, tmp_path: Path
) -> None:
    """The case was raised, and its words erased, after the backup."""
    origin.backs_up(tmp_path / "before")
    erased_after_a_backup(origin, file)
    with home(server, tmp_path / "other") as other:
        moved(origin, other, "signing-key.pem", "erasures")
        assert other.restores(tmp_path / "before").erased == 0
        assert other.verdict().ok


@pytest.mark.parametrize("content", ["{", "[]", '{"text_id": "x"}', "Xyzzyplugh"])
def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "list").write_text(content)
    with pytest.raises(NoList):
        listed_in(tmp_path / "list")
    with pytest.raises(NoList):
        listed_in(tmp_path / "none")


def test_a_backup_made_after_the_erasure_holds_no_such_words(origin: Home, file: Path) -> None:
    erased_after_a_backup(origin, file)
    origin.backs_up(file)
    restored = origin.restores(file, replace=True)
    assert (restored.standing, restored.erased) == (Standing.WHOLE, 0)
    assert not is_readable(origin)
    assert schema.ledgers(origin.installation.owner_url) == {SCHEMA: "baerum"}
