"""Where the next page of a list begins: the key of its last row, wrapped."""

import base64
import binascii
import re

from api.moments import is_position
from domain.errors import Invalid


class CursorMalformed(Invalid):
    """The cursor is not one of this list. Begin again without it."""


def cursor(key: int | str) -> str:
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def after(given: str | None) -> str:
    """The key in a cursor; empty without one. Refuses with `CursorMalformed`."""
    if given is None:
        return ""
    try:
        return base64.b64decode(given + "=" * (-len(given) % 4), b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise CursorMalformed from error


def after_key(given: str | None) -> str:
    """The key in a cursor; empty without one. Refuses with `CursorMalformed`."""
    key = after(given)
    if not re.fullmatch("[a-z0-9_-]*", key):
        raise CursorMalformed
    return key


def after_position(given: str | None) -> int:
    """The position in a cursor; 0 without one. Refuses with `CursorMalformed`."""
    key = after(given)
    if not key:
        return 0
    if not is_position(key) or int(key) >= 2**62:
        raise CursorMalformed
    return int(key)
