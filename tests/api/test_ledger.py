"""The proof over HTTP: what an auditor gets, and that it proves what it says."""

import re
from datetime import UTC, datetime

import pytest

from domain.actor import Role
from ledger.checkpoints import write_whole
from ledger.verifier import (
    Checkpoint,
    TreeHead,
    VerifierKey,
    base64,
    includes,
    is_consistent,
    open_note,
)
from tests.api.asserting import assert_refused
from tests.api.conftest import until
from tests.api.story import RAISING, Story, read
from tests.conftest import KEY, Client, notary_of


@pytest.fixture
def auditor(client: Client) -> Client:
    until(lambda: client.as_(Role.AUDITOR).get("/api/ledger/checkpoint").status_code == 200)
    return client.as_(Role.AUDITOR)


def signed_now(client: Client) -> dict[str, object]:
    answer = client.as_(Role.COORDINATOR).post("/api/ledger/checkpoints")
    assert answer.status_code == 201
    return dict(answer.json())


def test_the_newest_checkpoint_is_what_was_signed(auditor: Client) -> None:
    told = signed_now(auditor)
    newest = read(auditor, "/api/ledger/checkpoint")
    assert newest | {"sealed": None, "recorded": None} == told
    assert newest["sealed"] == newest["recorded"] == told["size"]
    (key,) = read(auditor, "/api/ledger/keys")["items"]
    checkpoint = Checkpoint.parse(open_note(str(told["note"]), [VerifierKey.parse(key["vkey"])]))
    assert (told["origin"], told["size"], told["root"]) == (
        checkpoint.origin, checkpoint.size, checkpoint.root.hex(),
    )  # fmt: skip
    assert TreeHead.parse_short(str(told["short"])).root == checkpoint.root
    note = auditor.get("/api/ledger/checkpoint", params={"format": "note"})
    assert note.headers["content-type"] == "text/plain; charset=utf-8"
    assert note.text == told["note"]


def test_a_checkpoint_is_made_to_be_printed(auditor: Client) -> None:
    told = signed_now(auditor)
    page = auditor.get("/api/ledger/checkpoint", params={"format": "print"}).text
    assert str(told["short"]).split()[2] in page
    assert re.search(r"<svg .*</svg>", page, re.DOTALL)
    assert f"{told['size']} hendelser" in page


def test_a_checkpoint_is_signed_by_itself_when_the_server_starts(auditor: Client) -> None:
    first = read(auditor, "/api/ledger/checkpoints")["items"][0]
    assert (first["number"], first["size"]) == (1, 169)


def test_every_checkpoint_is_listed_in_pages(auditor: Client) -> None:
    made = []
    for _ in range(3):
        Story(auditor.as_(Role.COORDINATOR))
        made.append(signed_now(auditor)["number"])
    page = read(auditor, "/api/ledger/checkpoints", limit=3)
    rest = read(auditor, page["next"])
    assert [one["number"] for one in (page["items"] + rest["items"])][-3:] == made
    assert rest["next"] is None


def test_an_entry_of_the_history_is_proven_to_be_in_the_ledger(auditor: Client) -> None:
    story = Story(auditor.as_(Role.COORDINATOR), "notes")
    told = signed_now(auditor)
    root = bytes.fromhex(str(told["root"]))
    for entry in story.history():
        proof = read(auditor, "/api/ledger/proofs/inclusion", position=entry["position"])
        assert (proof["size"], proof["root"]) == (told["size"], told["root"])
        assert proof["leaf_hash"] == entry["leaf_hash"]
        path = [bytes.fromhex(one) for one in proof["proof"]]
        leaf, index = bytes.fromhex(entry["leaf_hash"]), entry["position"] - 1
        assert includes(root, leaf, index, int(str(told["size"])), path)


def test_the_ledger_of_today_is_proven_to_begin_with_that_of_then(auditor: Client) -> None:
    then = signed_now(auditor)
    Story(auditor.as_(Role.COORDINATOR), "notes", "closure")
    now = signed_now(auditor)
    query = {"from": then["size"], "to": now["size"]}
    proof = read(auditor, "/api/ledger/proofs/consistency", **query)
    assert (proof["from_root"], proof["to_root"]) == (then["root"], now["root"])
    path = [bytes.fromhex(one) for one in proof["proof"]]
    sizes = int(str(then["size"])), int(str(now["size"]))
    assert is_consistent(
        *sizes, bytes.fromhex(proof["from_root"]), bytes.fromhex(proof["to_root"]), path
    )


@pytest.mark.parametrize(
    "path",
    [
        "inclusion?position=0", "inclusion?position=170&size=169", "inclusion?position=1&size=9999",
        "inclusion", "inclusion?position=x", "inclusion?position=1&size=0",
        f"inclusion?position={2**63}", "consistency?from=5&to=4", "consistency?from=1&to=9999",
        "consistency?from=-1", "consistency", "consistency?to=5",
    ],
)  # fmt: skip
def test_what_cannot_be_proven_is_refused_in_a_sentence(auditor: Client, path: str) -> None:
    assert_refused(auditor.get(f"/api/ledger/proofs/{path}"), 422, "invalid")


def test_what_is_not_signed_yet_is_shown(auditor: Client) -> None:
    size = signed_now(auditor)["size"]
    Story(auditor.as_(Role.COORDINATOR), "notes")
    until(lambda: read(auditor, "/api/ledger/checkpoint")["sealed"] == int(str(size)) + 2)
    newest = read(auditor, "/api/ledger/checkpoint")
    assert (newest["size"], newest["recorded"]) == (size, int(str(size)) + 2)


def test_a_server_whose_ledger_is_behind_says_so_and_records_nothing(client: Client) -> None:
    """As after an older backup was put back."""
    coordinator = client.as_(Role.COORDINATOR)
    notary = notary_of(client.ledger)
    until(notary.outside.exists)
    size = client.ledger.engine.ledger.size()
    note = KEY.checkpoint_note(notary.origin, size + 5, bytes(range(32)), datetime.now(UTC))
    write_whole(notary.outside, note.encode())
    until(lambda: client.get("/readyz").status_code == 503)
    assert client.get("/readyz").json()["standing"] == "behind"
    answer = coordinator.post("/api/cases", json=RAISING)
    assert_refused(answer, 503, "unavailable", "older backup")
    assert_refused(coordinator.post("/api/ledger/checkpoints"), 503, "unavailable", "older backup")
    assert client.ledger.engine.ledger.size() == size
    assert coordinator.get("/api/cases").status_code == 200


def test_keys_are_told_as_others_read_them(auditor: Client) -> None:
    (key,) = read(auditor, "/api/ledger/keys")["items"]
    name, key_id, public = key["vkey"].split("+", 2)
    assert (name, key_id) == ("loft/municipality", key["key_id"])
    assert public == base64(b"\x01" + KEY.verifier("x").public)
    assert key["introduced"] is None
