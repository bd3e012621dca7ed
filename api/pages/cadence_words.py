"""How often an organ meets, in words."""

from api.language import Tongue
from domain.organ import Cadence


def meets(its: Cadence | None, tongue: Tongue) -> str:
    """Such as "every 4 weeks"."""
    if its is None:
        return ""
    if its.every_weeks is not None:
        sentence = tongue.ngettext("every week", "every %(num)s weeks", its.every_weeks)
        return sentence % {"num": its.every_weeks}
    times = its.at_least or 0
    if its.per == "month":
        sentence = tongue.ngettext("at least once a month", "at least %(num)s times a month", times)
    else:
        sentence = tongue.ngettext("at least once a year", "at least %(num)s times a year", times)
    return sentence % {"num": times}
