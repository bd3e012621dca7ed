"""Lists come in pages that keep their filters; words are found as Norwegian has them."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.api.story import TEAM, Story, read, titles
from tests.conftest import Client


def walked(client: Client, path: str, limit: int, **query: Any) -> list[dict[str, Any]]:
    """All items, page by page, along `next`."""
    items: list[dict[str, Any]] = []
    page = read(client, path, limit=limit, **query)
    while True:
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next"] is None:
            return items
        assert len(page["items"]) == limit
        asked = dict(parse_qsl(urlsplit(page["next"]).query))
        assert {name: asked.get(name) for name in query} == {n: str(v) for n, v in query.items()}
        page = read(client, page["next"])


@pytest.fixture(scope="module")
def story(caseworker: Client) -> Story:
    story = Story(caseworker, *["notes"] * 6, "closure")
    story.now()
    return story


@pytest.mark.parametrize("limit", [1, 2, 7, 38, 39, 1000])
@pytest.mark.parametrize(
    "path",
    ["/api/cases", "/api/organs", "/api/services", "/api/work", "/api/observations",
     "/api/plans", "/api/focus-areas", "/api/audit/decisions", "history"],
)  # fmt: skip
def test_all_pages_together_are_the_list(
    path: str, limit: int, story: Story, caseworker: Client
) -> None:
    address = f"{story.path}/history" if path == "history" else path
    whole = read(caseworker, address, limit=1000)
    assert whole["next"] is None
    assert len(whole["items"]) > 4
    if len(whole["items"]) / limit < 45:
        assert walked(caseworker, address, limit) == whole["items"]


def test_a_page_holds_100_unless_asked_otherwise(caseworker: Client) -> None:
    for _ in range(70):
        story = Story(caseworker, title="many")
    page = read(caseworker, "/api/cases", story.last)
    assert len(page["items"]) == 100
    assert page["next"] is not None
    assert len(read(caseworker, "/api/cases", limit=1000)["items"]) > 100


def test_the_next_page_keeps_the_filters(caseworker: Client) -> None:
    for _ in range(3):
        story = Story(caseworker, title="Å & B = fløte?", themes=["fritid"])
    as_of = story.now()["position"]
    Story(caseworker, title="Å & B = fløte?", themes=["fritid"]).now()
    query = {"theme": "fritid", "status": "raised", "raised_by": TEAM, "overdue": "false",
             "q": "fløte & b", "as_of": as_of}  # fmt: skip
    assert [case["title"] for case in walked(caseworker, "/api/cases", 1, **query)] == [
        "Å & B = fløte?"
    ] * 3


def test_a_page_neither_repeats_nor_skips_what_comes_meanwhile(caseworker: Client) -> None:
    Story(caseworker, title="mobil", themes=["nettvett"])
    second = Story(caseworker, title="mobil", themes=["nettvett"])
    first = read(caseworker, "/api/cases", second.last, theme="nettvett", limit=1)
    second.does("notes")
    third = Story(caseworker, title="mobil", themes=["nettvett"])
    rest = read(caseworker, first["next"].replace("limit=1", "limit=10"), third.last)
    assert [case["number"] for case in rest["items"]] == [second.number, third.number]


def test_the_whole_history_is_a_list_too(story: Story) -> None:
    page = read(story.client, f"{story.path}/history", limit=3, as_of=story.case["position"] - 1)
    assert [entry["version"] for entry in page["items"]] == [1, 2, 3]
    rest = walked(story.client, f"{story.path}/history", 3, as_of=story.case["position"] - 1)
    assert [entry["event"] for entry in rest] == ["CaseRaised"] + ["ProgressNoted"] * 6


@pytest.mark.parametrize(
    ("q", "title"),
    [
        ("choking", "Choking game"),
        ("CHOKING GAME", "Choking game"),
        ("mentorordninger", "Mentorordningen"),
        ("e-sigarett", "Salg av e-sigaretter"),
        ("nettvett barneskole", "Nettvett i barneskolen"),
        ('"nettvett i barneskolen"', "Nettvett i barneskolen"),
        ("slåsskamp", "Beefing"),
        ("økninger", "Økning i seksualisert bildedeling"),
        ("røde kors", "Røde kors huset og det nye ressurssenter for ungdom"),
    ],
)
def test_words_are_found_in_norwegian(q: str, title: str, caseworker: Client) -> None:
    assert title in titles(caseworker, q=q)


@pytest.mark.parametrize("q", ["choking -game", '"game choking"', "sigarvenn", "astrologi"])
def test_words_that_are_not_there_are_not_found(q: str, caseworker: Client) -> None:
    assert titles(caseworker, q=q) == []


@pytest.mark.parametrize("q", ["", "   ", "'", '"', "-", "|", "\\", "%", "a & | b", "😀", ":*"])
def test_any_question_is_answered(q: str, caseworker: Client) -> None:
    read(caseworker, "/api/cases", q=q)


def test_words_are_found_wherever_they_were_said(caseworker: Client) -> None:
    story = Story(caseworker, title="Uten ord", description="Balkongen er sperret")
    story.does("notes", text="Kiosken lukker tidligere")
    read(caseworker, story.path, story.last)
    assert titles(caseworker, q="balkonger") == ["Uten ord"]
    assert titles(caseworker, q="kiosk") == ["Uten ord"]


def test_words_that_were_said_later_are_not_found_before(caseworker: Client) -> None:
    story = Story(caseworker, title="Senere")
    before = story.case["position"]
    story.does("notes", text="Trampolinen er borte")
    assert titles(caseworker, story.last, q="trampoline") == ["Senere"]
    assert titles(caseworker, q="trampoline", as_of=before) == []
