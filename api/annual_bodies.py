"""What is sent to a year's report."""

from pydantic import Field

from api.bodies import Command
from api.fields import Reference, Words


class Feedback(Command):
    """At least one of the three."""

    service: Reference = Field(description="Who says it: a service by its name, an organ by key.")
    what_works: Words | None = None
    what_does_not: Words | None = None
    what_to_change: Words | None = None


class Section(Command):
    text: Words


class Freezing(Command):
    pass
