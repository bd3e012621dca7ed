"""A policy on deadlines, set in a ledger through the engine."""

from domain.municipality import MUNICIPALITY, Municipality
from domain.policy import Policy
from ledger.commands import Command
from ledger.engine import Seen
from ledger.texts import Pen
from tests.domain.scenario import COORDINATOR, FRIDAY, MONDAY
from tests.lives import ADMIN, Town


def registers(town: Town) -> Town:
    """The municipality, which a policy is one of."""
    pen = Pen()
    name = pen.write("Bærum")
    town.engine.begin(
        Municipality,
        MUNICIPALITY,
        lambda: Municipality.register(
            None, name=name, number="3024", language="nb", by=ADMIN, at=MONDAY
        ),
        command=Command(ADMIN),
        drafts=pen.drafts,
    )
    return town


def sets(town: Town, policy: Policy) -> Seen[Municipality]:
    return town.engine.act(
        Municipality,
        MUNICIPALITY,
        lambda life: life.set_policy(policy=policy, by=COORDINATOR, at=FRIDAY),
        command=Command(COORDINATOR),
    )
