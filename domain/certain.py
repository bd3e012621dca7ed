"""What certainly points at a person: numbers, addresses and handles, each with its own form."""

import re
from collections.abc import Iterator

from domain.numbers import is_account, is_national_id, looks_like_national_id

_GAP = r"[ \u00a0.\-–]?"
_ELEVEN = re.compile(
    rf"(?<!\d)(?=((?:\d{{2}}{_GAP}){{2}}\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{2}}(?!\d)"
    rf"|\d{{4}}{_GAP}\d{{2}}{_GAP}\d{{5}}(?!\d)|\d(?: \d){{10}}(?![ ]?\d)))"
)
"""Eleven digits, in the groups that people write them in, or each by itself."""
_IBAN = re.compile(r"\bNO\d{2}(?: ?\d{4}){2} ?\d{3}(?!\d)", re.IGNORECASE)
_EMAIL = re.compile(
    r"[\w.+\-]{1,64}\s?(?:@|\(at\)|\[at\]|krøllalfa)\s?[\w\-]{1,63}(?:\.[\w\-]{2,63}){1,4}",
    re.IGNORECASE,
)
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
_PLATE = re.compile(r"(?<![\w\-])(?!NS|EN|SN|EU)[A-HJ-LNPR-VX-Z]{2}[ \u00a0\-]?\d{5}(?!\d)")
_NAMED_PLATE = re.compile(
    r"(?:skilt\w*|regnr\.?|reg\.nr\.?|registreringsnummer\w*)\s(?:er\s|:\s?)?"
    r"([A-Za-z]{2}[ \-]?\d{4,5})(?!\d)",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w.@/])@[^\W\d][\w.\-]{1,29}(?![\w.\-(])")
_ADDRESS_OF_A_PROFILE = re.compile(
    r"\b(?:instagram|tiktok|facebook|snapchat|youtube|twitter|x|t|discord|linkedin|twitch)"
    r"\.(?:com|me|gg|tv)/(?:add/|in/|@)?[\w.\-]{2,}",
    re.IGNORECASE,
)
_NAMED_HANDLE = re.compile(
    r"\b(?:(?:snap|snapchat|insta|instagram|tiktok|discord|telegram|kik|facebook)"
    r"(?:-?(?:kontoen|konto|profilen|profil|bruker|brukeren|brukernavn|brukar|brukarnamn))?"
    r"|brukernavnet|brukernavn|brukarnamnet|brukarnamn|nicket)"
    r"\s?(?::\s?|\s(?:er\s|heter\s|heiter\s)?)"
    r"(\w{0,30}[._\d][\w.\-]{0,30}\w|(?<=:\s)[\w.\-]{3,30})",
    re.IGNORECASE,
)
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
    for found in _IBAN.finditer(text):
        if is_account("".join(c for c in found[0] if c.isdecimal())[2:]):
            yield *found.span(), "account"


def _emails(text: str) -> Iterator[Hit]:
    for found in _EMAIL.finditer(text):
        if not _ROLE_MAILBOX.match(re.split(r"\s?[@(\[]", found[0])[0]):
            yield *found.span(), "email"


def _addresses(text: str) -> Iterator[Hit]:
    for found in _STREET.finditer(text):
        if not _NO_STREET.match(found[0]) and not _AFTER_STREET.match(
            text[found.end() : found.end() + 20]
        ):
            yield *found.span(), "address"


def _plates(text: str) -> Iterator[Hit]:
    for found in _PLATE.finditer(text):
        yield *found.span(), "plate"
    for found in _NAMED_PLATE.finditer(text):
        yield *found.span(1), "plate"


def _handles(text: str) -> Iterator[Hit]:
    for pattern, group in ((_HANDLE, 0), (_ADDRESS_OF_A_PROFILE, 0), (_NAMED_HANDLE, 1)):
        for found in pattern.finditer(text):
            yield *found.span(group), "handle"
