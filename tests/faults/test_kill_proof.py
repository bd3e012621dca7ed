"""kill -9 while sealing, signing and erasing: what was promised holds, and no erasure is half."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.installation import OpenLedger
from tests.faults.served import LOFT, ROOT, Made, Served, opened, postmaster, serving, writing
from tests.lives import until

ERASERS = 4
NAME = "Kristoffer Brattvær"


def noted(served: Served, count: int) -> list[tuple[str, str]]:
    """Texts with a name in them: the case and the text's id of each."""
    with served.client() as client:
        case = client.get("/api/cases").json()["items"][0]["id"]
        for n in range(count):
            answer = client.post(
                f"/api/cases/{case}/notes",
                json={"text": f"{NAME} {n}", "not_about_individual": "Et navn som ingen har."},
            )
            assert answer.status_code == 201, answer.text
        headers = {"Loft-Position": answer.headers["Loft-Position"]}
        told = client.get(f"/api/cases/{case}/history?limit=1000", headers=headers).json()["items"]
    return [(case, entry["text"]["text_id"]) for entry in told if entry["event"] == "ProgressNoted"]


def erasing(served: Served, texts: list[tuple[str, str]], done: list[str]) -> None:
    with served.client() as client:
        for case, text_id in texts:
            body: dict[str, Any] = {
                "text_id": text_id, "legal_basis": "confidentiality", "reason": "Et navn",
            }  # fmt: skip
            try:
                answer = client.post(f"/api/cases/{case}/erasures", json=body)
            except httpx.TransportError:
                return
            if answer.status_code != 201:
                return
            done.append(text_id)


def verify(data: Path) -> str:
    command = [*LOFT, "verify", "--data", str(data)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def gone(ledger: OpenLedger, texts: list[str]) -> set[str]:
    rows = ledger.database.rows("SELECT id::text FROM texts WHERE id = ANY(%(t)s)", t=texts)
    return set(texts) - {text_id for (text_id,) in rows}


def said_to_be_gone(ledger: OpenLedger) -> set[str]:
    rows = ledger.database.rows("SELECT data ->> 'text_id' FROM events WHERE name = 'TextErased'")
    return {text_id for (text_id,) in rows}


@pytest.mark.parametrize("database_too", [False, True], ids=["server", "server and database"])
def test_an_erasure_is_whole_or_not_at_all(data: Path, baerum: Made, database_too: bool) -> None:
    with serving(data, baerum.token) as first:
        texts = noted(first, 40)
        done: list[str] = []
        with ThreadPoolExecutor(ERASERS) as pool:
            for n in range(ERASERS):
                pool.submit(erasing, first, texts[n::ERASERS], done)
            until(lambda: len(done) >= 6, seconds=60)
            if database_too:
                postmaster(data).kill()
            first.kill()
    with serving(data, baerum.token) as second, opened(data) as ledger:
        went = gone(ledger, [text_id for _, text_id in texts])
        assert set(done) <= went < {text_id for _, text_id in texts}
        assert said_to_be_gone(ledger) == went
        listed = data / "erasures" / f"{ledger.database.schema}.jsonl"
        until(lambda: len(listed.read_text().splitlines()) == len(went))
        second.stop()
    assert f"{len(went)} texts erased" in verify(data)


def test_the_tree_and_its_checkpoints_hold_after_killing(
    data: Path, baerum: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server signs at every opportunity, so that it is killed while it seals and signs."""
    monkeypatch.setenv("LOFT_CHECKPOINT_SECONDS", "0.001")
    kept = data / "checkpoints" / "baerum.note"
    for _ in range(3):
        with serving(data, baerum.token) as served, writing(served, 8) as sent:
            before = kept.read_text()
            until(lambda: kept.read_text() != before, seconds=60)  # noqa: B023
            until(lambda: any(one.answer for one in sent), seconds=60)
            served.kill()
        command = [*LOFT, "verify", "--data", str(data), "--checkpoint", before]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout + told.stderr
