"""A text as the gate reads it: without what is invisible, and with the way back to each place."""

import re
import unicodedata
from dataclasses import dataclass

_USUAL = re.compile("[\\t\\n\\r -~ÆØÅæøåÉéÒòÔôÄäÖöÜü§«»–…’”“]*")
"""Characters that are read as they are: all of most texts."""


@dataclass(frozen=True)
class Plain:
    """`text` says the same as what was typed; `places` holds where each of its characters begins
    there, and where all ends."""

    text: str
    places: tuple[int, ...]

    def typed(self, start: int, end: int) -> tuple[int, int]:
        """The place in what was typed of `text[start:end]`."""
        return self.places[start], self.places[end]


def plain(typed: str) -> Plain:
    """Zero-width and soft characters are gone, wide and composed forms are the usual ones: nobody
    hides a number between its digits."""
    if _USUAL.fullmatch(typed):
        return Plain(typed, tuple(range(len(typed) + 1)))
    kept: list[str] = []
    places: list[int] = []
    for at, one in enumerate(typed):
        if unicodedata.category(one) == "Cf":
            continue
        usual = unicodedata.normalize("NFKC", one)
        usual = usual if len(usual) == 1 else one
        if kept and unicodedata.combining(one):
            composed = unicodedata.normalize("NFC", kept[-1] + one)
            if len(composed) == 1:
                kept[-1] = composed
                continue
        kept.append(usual)
        places.append(at)
    return Plain("".join(kept), (*places, len(typed)))
