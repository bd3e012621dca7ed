"""What the gate says of words while they are typed: where, and nothing of what."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from api.gate import Gate, Typed
from api.language import say, spoken_to
from api.page import Page
from api.pages.desks import Sent, sending
from domain.rights import Action

router = APIRouter(route_class=Page, include_in_schema=False)
Typing = Annotated[Sent, sending(Action.BE_KNOWN)]


class Seen(BaseModel):
    """A place in the text, in characters."""

    start: int
    end: int


class Said(BaseModel):
    """Where a text points at a person, and a sentence about that; none where it does not."""

    places: list[Seen]
    sentence: str | None


@router.post("/gate")
def look(sent: Typing) -> Said:
    """Look at the field `text` as the gate will when the form is sent. Nothing of it is kept."""
    gate: Gate = sent.desk.request.app.state.gate
    names = frozenset(sent.desk.structure.names.values())
    text = sent.fields.get("text", [""])[-1][:20_000]
    found = gate.inspect(Typed(words={"text": text}), names).get("text")
    if found is None:
        return Said(places=[], sentence=None)
    sentence = (
        say("This points out a person, and will be refused:")
        if found.is_certain
        else say("This may point out a person. You will be asked why it does not:")
    )
    tongue = spoken_to(sent.desk.request)
    places = [Seen(start=span.start, end=span.end) for span in found.spans]
    return Said(places=places, sentence=tongue.gettext(sentence))
