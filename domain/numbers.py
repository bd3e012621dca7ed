"""Numbers that point at a person, by their check digits: of birth, and of a bank account."""

from calendar import monthrange

_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_MONTHS_ADDED = (0, 40, 65, 80)
"""What is added to the month: nothing, H-numbers and two series of synthetic numbers (40; 65 and 80
are those of Navs and Skatteetaten's test persons)."""
_DAY_ADDED = 40
"""What is added to the day in a D-number."""


def is_national_id(digits: str) -> bool:
    """Whether these are a fødselsnummer, a D-number, an H-number or a synthetic one: eleven digits
    that begin with a day and end in two check digits (Skatteetaten; modulus 11)."""
    own = _digits(digits)
    return (
        len(own) == 11
        and looks_like_national_id(digits)
        and _weighed(own[:10], _FIRST) == 0
        and _weighed(own, _SECOND) == 0
    )


def looks_like_national_id(digits: str) -> bool:
    """Whether eleven digits begin with a day, whatever their check digits say."""
    own = _digits(digits)
    if len(own) != 11:
        return False
    day, month = own[0] * 10 + own[1], own[2] * 10 + own[3]
    day -= _DAY_ADDED if day > _DAY_ADDED else 0
    months = [month - added for added in _MONTHS_ADDED if 1 <= month - added <= 12]
    return any(1 <= day <= monthrange(2000, one)[1] for one in months)


def is_account(digits: str) -> bool:
    """Whether these are a Norwegian bank account: eleven digits, the last a check digit. A group
    of two zeros in the middle marks no account of a customer (Bits: the account number)."""
    own = _digits(digits)
    return len(own) == 11 and any(own[:4]) and _weighed(own, _SECOND) == 0


def _weighed(digits: tuple[int, ...], weights: tuple[int, ...]) -> int:
    return sum(d * w for d, w in zip(digits, weights, strict=True)) % 11


def _digits(written: str) -> tuple[int, ...]:
    return tuple(int(one) for one in written if one.isdecimal())
