"""Every read that shows what is recorded shows it as of any moment."""

from tests.api.story import Story
from tests.conftest import Client

OTHERWISE = {
    "/api/stream",  # begins at the position that Last-Event-ID names, and ends at none
    "/api/cases/{case}/changes",  # names two moments of its own
    "/api/audit/accesses",  # are asked for by the time at which somebody read
    "/api/audit/credentials",  # are a record in that log, whose positions are its own
    "/api/tokens",  # are no events; each says from when until when it lets in
    "/api/cases/{case}/erasures/{position}/certificate",  # is of the position in its address
    "/api/erasures/{position}/certificate",  # likewise
    "/api/me/notices",  # how somebody wants to be told, which is no event
    "/api/notices/parked",  # what could not be sent, which is none either
    "/api/webhooks",  # nor are these
    "/api/webhooks/{webhook}",
    "/api/me/work",  # what waits just now
}
"""Beside the proofs under /api/ledger, which say of which size they are. Health lies outside."""


def test_every_read_takes_as_of_and_says_what_it_may_be(shared: Client) -> None:
    told = 0
    for path, operations in shared.get("/api/openapi.json").json()["paths"].items():
        is_proof = path.startswith("/api/ledger/")
        if "get" in operations and path.startswith("/api/") and not is_proof:
            parameters = {one["name"]: one for one in operations["get"].get("parameters", [])}
            if path not in OTHERWISE:
                said = parameters["as_of"]["description"]
                assert all(form in said for form in ("position", "checkpoint", "RFC 3339")), path
                told += 1
    assert told >= 18


def test_what_a_checkpoint_signs_is_read_by_its_size(caseworker: Client) -> None:
    """The size of a checkpoint is the position of the last entry in it."""
    story = Story(caseworker)
    size = caseworker.get("/readyz").json()["ledger_size"]
    story.does("discussions")
    assert story.now(as_of=size)["status"] == "raised"
