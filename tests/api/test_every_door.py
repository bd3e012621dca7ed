"""Every door of the document against everybody who must not come in.

`test_doors.py` holds the table of doors to the OpenAPI document, so that a new one without its row
fails, and shows that nobody comes in without a token, a role where its rights say so, and the right
person everywhere.
"""

import pytest

from api.installation import OpenLedger
from domain.actor import Role
from domain.rights import RIGHTS
from ledger import schema
from ledger.database import Database
from tests.api.asserting import assert_refused, nothing_changes
from tests.api.doors import DOORS, Door
from tests.api.processes import loft
from tests.api.seats import confirm, leaves, person, sits
from tests.api.story import OTHER_TEAM, TEAM
from tests.conftest import WRITER, Client, Server, app_over, import_example

FOR_SOME = [door for door in DOORS.values() if door.action is not None]
OF_A_CASE = [door for door in FOR_SOME if door.is_about_a_case]


def knocks(door: Door, client: Client, caseworker: Client, **headers: str) -> object:
    """What *client* is answered where the request itself is right."""
    path, body = door.address(caseworker)
    there = str(client.ledger.engine.ledger.size())
    with nothing_changes(client.ledger):
        return client.request(
            door.method, path, json=body, headers={"Loft-Position": there} | headers
        )


@pytest.fixture(scope="module")
def stranger(shared: Client) -> Client:
    """A member of another organ."""
    return shared.as_(Role.MEMBER, OTHER_TEAM)


@pytest.fixture(scope="module")
def former(administrator: Client) -> Client:
    """Somebody whose only seat has ended today."""
    former = person(administrator)
    n = sits(administrator, former, f"organs/{TEAM}")
    confirm(former)
    assert former.get("/api/cases").status_code == 200
    leaves(administrator, f"organs/{TEAM}", n)
    return former


@pytest.fixture(scope="module")
def neighbour(shared: Client, server: Server) -> str:
    """The name of the database, once another municipality has been imported beside Bærum."""
    name = shared.ledger.database.read(lambda connection: connection.info.dbname)
    owner_url = server.url(name, "postgres")
    there = schema.claim(owner_url, "baerum")
    assert there == shared.ledger.database.schema
    claimed = schema.claim(owner_url, "bergen")
    schema.migrate(owner_url, claimed, WRITER)
    with OpenLedger(Database(shared.ledger.database.url, claimed)) as ledger:
        import_example(ledger, "bergen.json")
    return str(name)


@pytest.fixture(scope="module")
def from_elsewhere(
    shared: Client, neighbour: str, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Client:
    """A coordinator of the other municipality, by a token that the command line made."""
    made = loft(
        tmp_path_factory.mktemp("neighbour"), "token", "create", "there", "--role", "coordinator",
        "--municipality", "bergen",
        LOFT_DATABASE_URL=server.url(neighbour),
        LOFT_OWNER_DATABASE_URL=server.url(neighbour, "postgres"),
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    client = Client(shared.app, headers={"Authorization": f"Bearer {made.stdout.strip()}"})
    client.ledger, client.portal = shared.ledger, shared.portal
    return client


def test_a_municipality_s_own_token_lets_in_there_alone(
    from_elsewhere: Client, neighbour: str, server: Server
) -> None:
    """The token is a good one: it is the ledger that is another."""
    with OpenLedger(Database(server.url(neighbour), "bergen")) as ledger:
        ledger.follower.catch_up()
        with Client(app_over(ledger), headers=from_elsewhere.headers) as at_home:
            at_home.ledger = ledger
            organs = at_home.get("/api/organs").json()["items"]
    assert "sentralt-politirad" in {organ["key"] for organ in organs}
    assert_refused(from_elsewhere.get("/api/organs"), 401, "unauthenticated")


def named(door: Door) -> str:
    return door.name


@pytest.mark.parametrize("door", FOR_SOME, ids=named)
def test_a_token_of_another_municipality_lets_nobody_in(
    door: Door, from_elsewhere: Client, caseworker: Client
) -> None:
    assert_refused(knocks(door, from_elsewhere, caseworker), 401, "unauthenticated")


@pytest.mark.parametrize("door", FOR_SOME, ids=named)
def test_a_seat_that_has_ended_lets_nobody_in(
    door: Door, former: Client, caseworker: Client
) -> None:
    assert_refused(knocks(door, former, caseworker), 403, "forbidden")


@pytest.mark.parametrize("door", OF_A_CASE, ids=named)
def test_a_member_of_another_organ_finds_no_case(
    door: Door, stranger: Client, caseworker: Client
) -> None:
    """Neither by a version that they guess: which one is right would tell that it is there."""
    for headers in ({}, {"If-Match": '"999"'}):
        answer = knocks(door, stranger, caseworker, **headers)
        if Role.MEMBER in RIGHTS[door.action]:
            assert_refused(answer, 404, "not-found", "There is nothing here")
        else:
            assert_refused(answer, 403, "forbidden")


@pytest.mark.parametrize("door", [d for d in OF_A_CASE if "restriction" not in d.before], ids=named)
def test_a_coordinator_who_is_not_named_finds_a_restricted_case_closed(
    door: Door, shared: Client, caseworker: Client
) -> None:
    other = shared.as_(Role.COORDINATOR)
    path, body = door.address(caseworker)
    where = "/".join(path.split("/")[:4])
    restriction = {"people": [], "reason": "Den er følsom."}
    assert caseworker.post(f"{where}/restriction", json=restriction).status_code == 201
    for headers in ({}, {"If-Match": '"999"'}):
        with nothing_changes(shared.ledger):
            answer = other.request(door.method, path, json=body, headers=headers)
        assert_refused(answer, 403, "forbidden", "break the glass")
