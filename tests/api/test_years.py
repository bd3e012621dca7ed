"""Two real years as they would have been logged: Bærum's autumn of 2016, and Bergen's arenas."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from domain.actor import Role
from domain.event import OSLO
from ledger import schema
from tests.api.meeting import Table
from tests.api.story import BOARD, GROUP, TEAM, Story, read
from tests.conftest import SCHEMA, WRITER, Client, Server, app_over, import_example

TEAMS = ("vestre-13-16", "vestre-16-23", "ostre-13-16", "ostre-16-23")
SEVENTH = date(2016, 9, 7)
EVERY_FOURTH_WEEK = [SEVENTH + timedelta(weeks=4 * n) for n in range(4)]
MONTHLY = [date(2016, 9, 14), date(2016, 10, 12), date(2016, 11, 9), date(2016, 12, 14)]
FOUR_TIMES = [date(2016, 2, 10), date(2016, 5, 11), date(2016, 9, 28), date(2016, 12, 7)]


def on(day: date, hour: int = 9) -> str:
    return datetime.combine(day, time(hour), OSLO).isoformat()


class Year:
    """A year of meetings, each logged afterwards by the coordinator."""

    def __init__(self, client: Client, admin: Client) -> None:
        self.client = client
        self.admin = admin

    def meets_since(self, organ: str, day: date) -> None:
        """Say since when the organ has had its cadence: the file says no day."""
        cadence = read(self.client, f"/api/organs/{organ}")["cadence"]
        body = {"cadence": cadence, "occurred_at": on(day), "precision": "day"}
        answer = self.admin.post(f"/api/organs/{organ}/cadence", json=body)
        assert answer.status_code == 201, answer.text

    def convenes(self, organ: str, day: date) -> Table:
        """With all that waits on the agenda."""
        table = Table(self.client, organ, starts_at=on(day))
        table.now()
        answer = table.tries("agenda")
        if answer.status_code == 201:
            table.last = answer
        return table

    def meets(self, organ: str, day: date) -> Table:
        """The seats that are invited are there, and nothing in particular happens."""
        table = self.convenes(organ, day)
        table.does("attendance", seats=table.meeting["seats"])
        return table.does("closure")

    def raised(self, organ: str, day: date, **facts: Any) -> Story:
        return Story(self.client, raised_by=organ, occurred_at=on(day), **facts)

    def does(self, table: Table, story: Story, step: str, **said: Any) -> None:
        """Log a step on the story's case, at the item that is about it."""
        items = table.meeting["items"]
        (n,) = [item["n"] for item in items if story.case["id"] in item["cases"]]
        answer = table.tries(f"items/{n}/{step}", **said)
        assert answer.status_code == 201, f"{step}: {answer.text}"

    def cadence(self, organ: str, since: date, until: date, after: Table) -> list[dict[str, Any]]:
        """The periods of those days."""
        told = read(self.client, f"/api/organs/{organ}/cadence", after.last, since=str(since))
        return [period for period in told["periods"] if period["from"] <= str(until)]


@pytest.fixture
def baerum_2016(client: Client, coordinator: Client) -> Year:
    assert client.ledger is coordinator.ledger
    return Year(coordinator, client.as_(Role.ADMIN))


def test_baerum_s_autumn_of_2016(baerum_2016: Year) -> None:
    """A case goes from a team to the group, to the board, down again, and is answered; every
    organ keeps its cadence."""
    year = baerum_2016
    year.meets_since(GROUP, date(2016, 9, 1))
    year.meets_since(BOARD, date(2016, 1, 1))
    story = year.raised(TEAM, date(2016, 9, 1), title="Salg av snus på skolene")
    for day in FOUR_TIMES[:2]:
        year.meets(BOARD, day)
    first = year.convenes(TEAM, EVERY_FOURTH_WEEK[0])
    year.does(first, story, "discussions", conclusion="ask_to_lift")
    year.does(first, story, "escalations", to=GROUP)
    first.does("closure")
    year.meets(GROUP, MONTHLY[0])  # the case waits one meeting: nobody had time for it
    year.meets(BOARD, FOUR_TIMES[2])
    second = year.convenes(TEAM, EVERY_FOURTH_WEEK[1])
    assert all(story.case["id"] not in item["cases"] for item in second.meeting["items"])
    second.does("closure")
    group = year.convenes(GROUP, MONTHLY[1])
    told = group.now("/agenda")
    lifted = [c["number"] for one in told["items"] if "lifted" in one["why"] for c in one["cases"]]
    assert story.number in lifted
    year.does(group, story, "discussions", conclusion="decided", decision="Butikkene kontaktes.")
    year.does(group, story, "answers", to=TEAM, message="Butikkene blir kontaktet.")
    year.does(group, story, "returns", to=TEAM)
    group.does("closure")
    third = year.convenes(TEAM, EVERY_FOURTH_WEEK[2])
    (item,) = [one for one in third.meeting["items"] if story.case["id"] in one["cases"]]
    assert item["why"] == ["returned"]
    year.does(third, story, "closure")
    third.does("closure")
    november = year.convenes(GROUP, MONTHLY[2])
    assert story.number in {one["number"] for one in november.now("/agenda")["news"]}
    november.does("closure")
    rest(year)
    assert story.now()["status"] == "closed"
    told = group.now("/minutes")
    assert [e["event"] for one in told["items"] for e in one["entries"]] == [
        "CaseDiscussed", "AnswerGiven", "CaseReturned",
    ]  # fmt: skip


def rest(year: Year) -> None:
    """What else was held in the autumn; then all have kept their cadence."""
    last = year.meets(TEAM, EVERY_FOURTH_WEEK[3])
    for team in TEAMS[1:]:
        for day in EVERY_FOURTH_WEEK:
            last = year.meets(team, day)
    year.meets(GROUP, MONTHLY[3])
    last = year.meets(BOARD, FOUR_TIMES[3])
    for team in TEAMS:
        periods = year.cadence(team, SEVENTH, date(2016, 12, 25), last)
        assert [p["kept"] for p in periods] == [True] * 4, team
    months = year.cadence(GROUP, date(2016, 9, 1), date(2016, 12, 31), last)
    assert [(p["from"], p["kept"]) for p in months] == [
        (f"2016-{month:02}-01", True) for month in (9, 10, 11, 12)
    ]
    (whole,) = year.cadence(BOARD, date(2016, 1, 1), date(2016, 12, 31), last)
    assert (whole["wanted"], whole["held"], whole["kept"]) == (4, 4, True)


def test_the_board_s_meeting_signs_and_the_next_one_s_pack_says_that_it_holds(
    baerum_2016: Year,
) -> None:
    year = baerum_2016
    first = year.convenes(BOARD, FOUR_TIMES[2])
    first.does("attendance", seats=[1, 2, 3, 4])
    first.does("agenda/items", title="Innsatsområder 2017")
    n = first.meeting["items"][-1]["n"]
    answer = first.tries(f"items/{n}/focus-areas", key="russetid", name="Trygg russetid", year=2017)
    assert answer.status_code == 201
    assert answer.json()["occurred_at"] == on(FOUR_TIMES[2])
    assert first.does("closure").meeting["quorate"] is True
    year.raised(TEAM, date(2016, 11, 1))
    second = year.convenes(BOARD, FOUR_TIMES[3])
    last = second.now("/pack")["last"]
    assert (last["meeting"], last["consistent"], last["approved"]) == (first.id, True, False)
    first.does("minutes/approval", at_meeting=second.id)
    second.last = first.last
    assert second.now("/pack")["last"]["approved"] is True


@pytest.fixture
def bergen(server: Server) -> Iterator[Year]:
    name = server.copy("template1")
    schema.migrate(server.url(name, "postgres"), SCHEMA, WRITER)
    with server.opened(name) as ledger:
        import_example(ledger, "bergen.json")
        with Client(app_over(ledger)) as anonymous:
            anonymous.ledger = ledger
            yield Year(anonymous.as_(Role.COORDINATOR), anonymous.as_(Role.ADMIN))
    server.drop(name)


CENTRAL, CITY, CONTACTS = "sentralt-politirad", "politirad-sentrum", "politikontakter"
LOCAL = ("politirad-nord", CITY, "politirad-vest", "politirad-sor")


def test_bergen_s_year(bergen: Year) -> None:
    """Four local councils four times, the central one twice, and the fortnightly contact meeting,
    which misses one: it is told of. A case goes from a local council to the central one."""
    year = bergen
    for organ in (*LOCAL, CENTRAL, CONTACTS):
        year.meets_since(organ, date(2025, 1, 1))
    story = year.raised(CITY, date(2025, 1, 20), title="Åpne russcener")
    for month in (2, 5, 9, 11):
        for council in LOCAL:
            table = year.convenes(council, date(2025, month, 11))
            if (council, month) == (CITY, 2):
                year.does(table, story, "discussions", conclusion="ask_to_lift")
                year.does(table, story, "escalations", to=CENTRAL)
            table.does("closure")
    spring = year.convenes(CENTRAL, date(2025, 3, 12))
    (item,) = [one for one in spring.meeting["items"] if story.case["id"] in one["cases"]]
    assert item["why"] == ["lifted", "answer_owed"]
    year.does(spring, story, "discussions")
    year.does(spring, story, "answers", to=CITY)
    spring.does("closure")
    year.meets(CENTRAL, date(2025, 10, 15))
    fortnights = [date(2025, 1, 8) + timedelta(weeks=2 * n) for n in range(25)]
    for day in fortnights[:10] + fortnights[11:]:
        last = year.meets(CONTACTS, day)
    begin, end = date(2025, 1, 1), date(2025, 12, 31)
    for council in LOCAL:
        (whole,) = year.cadence(council, begin, end, last)
        assert (whole["wanted"], whole["held"], whole["kept"]) == (4, 4, True)
    (whole,) = year.cadence(CENTRAL, begin, end, last)
    assert (whole["wanted"], whole["held"], whole["kept"]) == (2, 2, True)
    periods = year.cadence(CONTACTS, fortnights[0], fortnights[24], last)
    assert [n for n, period in enumerate(periods) if not period["kept"]] == [10]
