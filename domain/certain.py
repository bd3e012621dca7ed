"""What certainly points at a person: numbers, addresses and handles, each with its own form."""

import re
from collections.abc import Iterator

from domain.numbers import is_account, is_national_id, looks_like_national_id

_GAP = r"[ \u00a0.\-–]?"
_WIDE = r"[\s.,/_\-–]{0,3}"
_WIDER = r"[\s.,:;/|_\-–]{0,8}"
"""What may stand between groups of digits. A wide gap also stands between numbers that have nothing
to do with each other, so it counts only where check digits or the groups themselves speak."""
_ELEVEN = re.compile(
    rf"(?<!\d)(?=((?:\d{{2}}{_GAP}){{2}}\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{2}}(?!\d)"
    rf"|\d{{4}}{_GAP}\d{{2}}{_GAP}\d{{5}}(?!\d)|\d(?: \d){{10}}(?![ ]?\d)"
    rf"|\d{{6}}{_WIDE}\d{{5}}(?!\d)|\d{{4}}{_WIDE}\d{{2}}{_WIDE}\d{{5}}(?!\d)))"
)
"""Eleven digits, in the groups that people write them in, or each by itself."""
_SPREAD = re.compile(
    rf"(?<!\d)(?=((?:\d{{2}}{_WIDER}){{2}}\d{{2}}{_WIDER}\d{{3}}{_WIDER}\d{{2}}(?!\d)"
    rf"|\d(?:{_WIDER}\d){{10}}(?!\d)))"
)
"""Eleven digits however they are spread: a number of birth, by both its check digits."""
_WITH_CENTURY = re.compile(rf"(?<!\d)(\d\d{_GAP}\d\d{_GAP})(?:19|20)(\d\d{_WIDER}\d{{5}})(?!\d)")
"""A day of birth with all four digits of its year before the five that follow it."""
_IBAN = re.compile(rf"\bNO\d{{2}}(?:{_WIDE}\d{{4}}){{2}}{_WIDE}\d{{3}}(?!\d)", re.IGNORECASE)
_DOT = r"(?:\.|\s?[(\[](?:dot|punktum)[)\]]\s?|\s(?:dot|punktum)\s|\s\.\s(?=(?:com|no|net|org)\b))"
_EMAIL = re.compile(
    r"[\w.+\-]{1,64}\s?(?:@|[(\[](?:at|a|alfa|snabel-?a|krøllalfa|alfakrøll)[)\]]|\bkrøllalfa\b"
    rf"|\balfakrøll\b|\bsnabel-?a\b)\s?[\w\-]{{1,63}}(?:{_DOT}[\w\-]{{2,63}}){{1,4}}"
    r"|[\w.+\-]{2,64}\s(?:at|a)\s(?:gmail|hotmail|outlook|icloud|yahoo|proton|protonmail)"
    rf"{_DOT}(?:com|no|me|net)\b",
    re.IGNORECASE,
)
"""*At* is a word too, so it counts only before those who keep people's mail."""
_STREET = re.compile(
    r"\b(?:(?:[A-ZÆØÅÉ][\w.'’\-]{0,40}\s){0,3}[A-ZÆØÅÉ][\w'’\-]{0,40}?"
    r"(?:veien|vegen|vei|veg|gata|gaten|gate|gt\.?|allé|alléen|alleen|alle|stien|stigen|bakken"
    r"|svingen|tunet|plassen|torget|kroken|ringen|lia|faret|terrasse|brygga|brygge|kaia|smuget"
    r"|allmenningen|almenningen|løkka|grenda|toppen|hagen|jordet|åsen|haugen|lunden|skogen)"
    r"|(?:[A-ZÆØÅÉ][\w.'’\-]{0,40}\s){1,3}(?:vei|veg|gate|gt\.?|allé|plass|terrasse|sti|torg))"
    r"\s(?:nr\.?\s?)?\d{1,3}(?!\d)\s?(?:[A-Ha-h]\b)?"
)
_NO_STREET = re.compile(r"^(?:fylkesve|riksve|europave|skoleve|sykkelve|gangve)", re.IGNORECASE)
_AFTER_STREET = re.compile(
    r"^(?:[.,]\d|\.\s*(?:jan|feb|mar|apr|mai|jun|jul|aug|sep|okt|nov|des)"
    r"|[:.]\d\d\b|\s*(?:prosent|%|år\b|kr\b|kroner|ganger|gonger|minutter|minutt|meter|m\b"
    r"|ungdommer|ungdomar|elever|elevar|personer|personar|stykker|barn|born))",
    re.IGNORECASE,
)
_SMALL_STREET = re.compile(
    r"\b(?:[a-zæøåé][\w'’\-]{0,40}?(?:gata|gaten|gate|gt\.?|veien|vegen|vei|veg)"
    r"|(?!(?:hans|hennes|deres|dykkar|deira|langs|nåværende)\b)[a-zæøåé][\w'’\-]{1,40}s\s"
    r"(?:gate|vei|veg|gt\.?))"
    r"\s(?:nr\.?\s?)?\d{1,3}(?!\d)\s?(?:[a-h]\b)?"
    r"(?=\s*(?:$|[,;:!?)\n]|\.(?!\d)|(?:i|på|og|eller|ved|hos|med|hver|kvar|er|har|var|som|der|om"
    r"|fra|frå|til|for|ble|blei|vart|etter)\b))",
    re.IGNORECASE,
)
"""A street in small letters or in capitals alone. What follows must not be what is counted."""
_NO_SMALL_STREET = re.compile(
    r"^(?:gå|side|bak|hoved|hovud|handle|parallell|tverr|motor|bil|om|ut|av|tur|snar|kjøre|køyre"
    r"|adkomst|tilkomst|skog|skogs|grus|stam|lands|lande|fjell|vann|vass|jern|under|halv|fram|heim"
    r"|hjem|inn|opp|ned)(?:gat|gt|ve)",
    re.IGNORECASE,
)
_PLATE = re.compile(r"(?<![\w\-])(?!NS|EN|SN|EU)[A-HJ-LNPR-VX-Z]{2}[ \u00a0\t.\-–]{0,3}\d{5}(?!\d)")
_SMALL_PLATE = re.compile(
    r"(?<![\w\-/.@])(?!ns|en|sn|eu|kr|nr|ca|kl|pr|av|er|no|se|id)[a-hj-lnpr-vx-z]{2}\d{5}(?!\w)",
    re.IGNORECASE,
)
"""The letters and the digits together: nothing else is written so."""
_NAMED_PLATE = re.compile(
    r"\b(?:\w*skilt\w*|regnr\.?|reg\.\s?nr\.?|reg\.?|registreringsnummer\w*|nummerskilt\w*|bil(?:en)?"
    r"|moped(?:en)?|scooter(?:en)?|motorsykkel(?:en)?)(?:\s(?:er|med|nr\.?))?(?:\s|\s?:\s?)"
    r"(?!kr|nr|ca|kl|og|av|er|om|en|et|no)([a-z]{2}[ \t.\-–]{0,3}\d{2} ?\d{2,3})(?!\d)",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w.@/])@[^\W\d][\w.\-]{1,29}(?![\w.\-(])")
_ADDRESS_OF_A_PROFILE = re.compile(
    r"\b(?:instagram|tiktok|facebook|snapchat|youtube|twitter|x|t|discord|linkedin|twitch)"
    r"\.(?:com|me|gg|tv)/(?:add/|in/|@)?[\w.\-]{2,}",
    re.IGNORECASE,
)
_NUMBERED_HANDLE = re.compile(
    r"(?<![\w#/.])(?!(?:sak|nr|case)#)[^\W\d][\w.]{1,31}#\d{4}(?!\w)", re.IGNORECASE
)
_ADDED_HANDLE = re.compile(
    r"\b(?:legg(?:e|er)?\stil|adde?r?)\s(?:\w+\s(?:på|via)\s)?"
    r"(?:snap|snapchat|insta|instagram|tiktok|discord|telegram|kik)\s([\w.\-]{3,30})",
    re.IGNORECASE,
)
_NAMED_HANDLE = re.compile(
    r"\b(?:(?:snap|snapp|snapchat|insta|instagram|tiktok|discord|telegram|kik|facebook)(?:e?n)?"
    r"(?:\s(?:hans|hennes|hennar|min|til\s\w+))?"
    r"(?:-?(?:kontoen|konto|profilen|profil|bruker|brukeren|brukernavn|brukar|brukarnamn))?"
    r"|brukernavnet|brukernavn|brukarnamnet|brukarnamn|nicket)"
    r"\s?(?::\s?|\s(?:er\s|heter\s|heiter\s)?)"
    r"(\w{0,30}[._\d][\w.\-]{0,30}\w|(?:(?<=:\s)|(?<=:))[\w.\-]{3,30})",
    re.IGNORECASE,
)
_NO_HANDLE = re.compile(
    r"^(?:mange|flere|fleire|noen|nokre|vi|de|dei|det|den|der|her|unge|ungdom\w*|elev\w*|barn|born"
    r"|jenter|gutter|gutar|bilder|bilete|deling|mobbing|trusler|truslar|bruk\w*|mer|meir|mindre"
    r"|ingen|alle|stor|stort|økt|auka|nye|foreldre|foresatte|skolen|skulen|politiet|for|og|som|med"
    r"|på|kontoer|kontoar|grupper|profiler|profilar|\d[\d.,]*(?:-\w+)?)$",
    re.IGNORECASE,
)
"""What a sentence about many goes on with after the name of a network."""
_ROLE_MAILBOX = re.compile(
    r"^(?:post|postmottak|firmapost|epost|info|kontakt|resepsjon|servicesenter|servicekontor"
    r"|kundesenter|innbyggertorg|innbyggarservice|personvernombud|barnevern|barnevernvakt"
    r"|barneverntjenesten|utekontakten|helsestasjon|slt|arkiv|presse|support|no-?reply)$",
    re.IGNORECASE,
)

Hit = tuple[int, int, str]
"""Where it begins and ends, and the name of its kind."""


def certain(text: str) -> Iterator[Hit]:
    """What stands in *text*, but for phone numbers."""
    for look in (_numbers, _emails, _addresses, _plates, _handles):
        yield from look(text)


def alike(text: str) -> Iterator[Hit]:
    """Eleven digits that begin with a day, though their check digits are wrong: mistyped?"""
    for found in _ELEVEN.finditer(text):
        start, end = found.span(1)
        digits = found[1]
        if looks_like_national_id(digits) and not (is_national_id(digits) or is_account(digits)):
            yield start, end, "number"


def _numbers(text: str) -> Iterator[Hit]:
    for found in _ELEVEN.finditer(text):
        start, end = found.span(1)
        if is_national_id(found[1]):
            yield start, end, "national_id"
        elif is_account(found[1]):
            yield start, end, "account"
    for found in _SPREAD.finditer(text):
        if is_national_id(found[1]):
            yield *found.span(1), "national_id"
    for found in _WITH_CENTURY.finditer(text):
        if is_national_id(found[1] + found[2]):
            yield *found.span(), "national_id"
    for found in _IBAN.finditer(text):
        if is_account("".join(c for c in found[0] if c.isdecimal())[2:]):
            yield *found.span(), "account"


def _emails(text: str) -> Iterator[Hit]:
    for found in _EMAIL.finditer(text):
        if not _ROLE_MAILBOX.match(re.split(r"\s|[@(\[]", found[0])[0]):
            yield *found.span(), "email"


def _addresses(text: str) -> Iterator[Hit]:
    for pattern in (_STREET, _SMALL_STREET):
        for found in pattern.finditer(text):
            after = text[found.end() : found.end() + 20]
            is_none = _NO_STREET.match(found[0]) or _AFTER_STREET.match(after)
            if not is_none and not (pattern is _SMALL_STREET and _NO_SMALL_STREET.match(found[0])):
                yield *found.span(), "address"


def _plates(text: str) -> Iterator[Hit]:
    for pattern, group in ((_PLATE, 0), (_SMALL_PLATE, 0), (_NAMED_PLATE, 1)):
        for found in pattern.finditer(text):
            yield *found.span(group), "plate"


def _handles(text: str) -> Iterator[Hit]:
    for pattern, group in (
        (_HANDLE, 0),
        (_ADDRESS_OF_A_PROFILE, 0),
        (_NUMBERED_HANDLE, 0),
        (_ADDED_HANDLE, 1),
        (_NAMED_HANDLE, 1),
    ):
        for found in pattern.finditer(text):
            if not _NO_HANDLE.match(found[group]):
                yield *found.span(group), "handle"
