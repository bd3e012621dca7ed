"""What probably points at a person without naming one: a relation, one among many, a nickname."""

import re
from collections.abc import Iterator

Hit = tuple[int, int, str]

_KIN = (
    r"(?:(?:store|lille|litle|vesle|halv|ste|foster|beste|svoger|tvilling|eldste|yngste)-?)?"
    r"(?:mor(?:a|en)?|mamma(?:en)?|far(?:en)?|pappa(?:en)?|søster(?:a|en)?|syster(?:a)?"
    r"|bror(?:en)?|sønn(?:en)?|son(?:en)?|datter(?:a|en)?|dotter(?:a)?|onkel(?:en)?|tante(?:n|a)?"
    r"|fetter(?:en)?|kusine(?:n|a)?|kjæreste(?:n)?|kjærast(?:en)?|eks(?:en|kjæresten|kjærasten)"
    r"|kompis(?:en)?|kamerat(?:en)?|venninne(?:n|a)?|venn(?:en)?|ven(?:en)?|nabo(?:en)?"
    r"|verge(?:n)?|foreldre(?:ne|a)?|besteforeldre(?:ne)?|samboer(?:en)?|sambuar(?:en)?)"
)
_OF_MANY = (
    r"(?!(?:alle|flere|fleire|mange|noen|nokre|de\s|dei\s|unge|barna|borna|barn|born|andre|ulike)\b"
    r"|\w+(?:ene|ane|er|ar|arane|erne)\b(?<!søster)(?<!datter))"
)
_RELATION = (
    rf"\b{_KIN}\s+(?:til|åt|av\sein|av\sen)\s+{_OF_MANY}\w+",
    rf"\b{_KIN}\s+(?:hans|hennes|hennar)\b",
    rf"\b(?:hans|hennes|hennar)\s+{_KIN}\b",
    (
        r"\b(?:ste|foster|beste|store|lille|vesle)?(?:mora|moren|faren|systera|søstera|søsteren|broren"
        r"|onkelen|tanta|tanten|læraren|læreren|treneren|trenaren)\s+(?:sin|si)\b"
    ),
    r"\b(?:sønn|son|datter|dotter)\s+(?:av|til|åt)\s+\w+",
    r"\b[Ff]amilien\s+[A-ZÆØÅ][\w\-]{1,40}",
    (
        r"\b[A-ZÆØÅ]\w+-(?:gutten|guten|jenta|jenten|familien|brødrene|brørne|søstrene|systrene|broren"
        r"|ungen|guttane|guttene|gutane)\b"
    ),
)

_ONE = r"(?:en|ei|ein|én|éin|den|[Dd]enne|en\sav|ein\sav|ei\sav)"
_PERSON = (
    r"(?:gutt(?:en)?|gut(?:en)?|jente(?:n)?|jenta|elev(?:en)?|ungdom(?:men|en)?|mann(?:en)?"
    r"|kvinne(?:n)?|kvinna|pike|student(?:en)?|lærling(?:en)?|tenåring(?:en)?|barn(?:et)?"
    r"|lærer(?:en)?|lærar(?:en)?|medelev(?:en)?|guttene|gutane|jentene|elevene|elevane)"
)
_YEARS = (
    r"(?:\d{1,2}|fem|seks|sju|syv|åtte|ni|ti|elleve|tolv|tretten|fjorten|femten|seksten|sytten)"
)
_CLASS = r"(?:10|[1-9])\s?[A-HX]\b|VG[123]\s?[A-Z]?\b"
_GRADE = (
    r"(?:\d{1,2}\.|første|fyrste|andre|tredje|fjerde|femte|sjette|sjuende|åttende|niende|niande"
    r"|tiende)"
)
_DOES = (
    r"(?:som|heter|heiter|bor|bur|går|gjekk|gikk|fikk|fekk|får|selger|sel|drikker|drikk|ble|blei|vart"
    r"|vert|blir|kan\snås|kjører|køyrer|legger|legg|jobber|jobbar|har|hadde|er|var|røyker|ruser|slo"
    r"|dei\skallar|de\skaller|kallast|kalles)"
)
_ONE_AMONG = (
    rf"\b(?:[Hh]an|[Hh]un|[Hh]o)\s+{_DOES}\b",
    r"\b(?:henne|ham|hennar|hennes)\b",
    r"\b(?:gutten|guten|jenta|jenten|eldstejenta|eldsteguten|eldstegutten|tvillingen|småjenta)\b",
    (
        rf"\b(?:eleven|personen|kameraten|kompisen|mannen|kvinnen|kvinna|læreren|læraren)\s+"
        rf"(?:som|med|ble|blei|vart|går|fra|frå|heter|heiter|i\s(?:{_CLASS}))"
    ),
    rf"\b{_ONE}\s+(?:\w+\s+){{0,2}}{_YEARS}[- ]åring(?:en)?\b",
    rf"\b{_ONE}\s+{_YEARS}\s+år\s+gam(?:mel|mal|malt|melt)\s+\w+",
    (
        rf"\b{_ONE}\s+(?:\w+\s+){{0,2}}{_PERSON}\s*,?\s+(?:på\s{_YEARS}\b|i\s{_GRADE}"
        rf"|(?:fra|frå|ved|på|i)\s(?:{_CLASS}|[A-ZÆØÅ])|bosatt|busett)"
    ),
    rf"\b{_PERSON}\s*[,(]\s*{_YEARS}\s*(?:år)?\b",
    r"\b[A-ZÆØÅ][a-zæøå]+\s\((?:[5-9]|1\d|2[0-3])(?:\sår)?\)",
    r"\b[Dd]en\s+(?:ene|eine)\s+\w+",
    r"\b(?:en|ei|ein|éin|én)\s+av\s+(?:gutt|gut|jente|elev|ungdomm|ungdom|brødr|søst|tvilling)\w+",
    rf"\b(?:{_PERSON})\s+i\s+(?:{_CLASS})",
)
_ROLE = (
    (
        r"\b(?:læreren|læraren|kontaktlæreren|kontaktlæraren|treneren|trenaren|vaktmesteren"
        r"|vaktmeisteren|eieren|eigaren|innehaveren|innehavaren|naboen|sjåføren|assistenten"
        r"|presten|imamen|ordføreren|ordføraren|lederen\sav\sgjengen|leiaren\sav\sgjengen)"
        r"\s+(?:i|på|til|av|ved)\s+\w+"
    ),
    r"\b(?:naboen|eieren|eigaren)\s+\w+",
)

_NICKNAME = re.compile(
    r"\b(?:kalt|kalla|kallenavn\w*|kallenamn\w*|oppnavn\w*|oppnamn\w*|utnavn\w*|klengenavn\w*"
    r"|økenavn\w*|kallar|kaller\s(?:ham|henne|seg)|går\sunder\snavnet|går\sunder\snamnet"
    r"|kjent\ssom|kjend\ssom)\s+(?:er\s|for\s)?[«\"“'‘]?[A-ZÆØÅ][\w\-]{1,40}[»\"”'’]?"
)
_THING = re.compile(
    r"\b(?:prosjekt|prosjektet|app|appen|spill|spillet|spel|spelet|kanal|kanalen|gruppe|gruppen"
    r"|gruppa|tiltak|tiltaket|program|programmet|kampanje|kampanjen|utfordring|utfordringen"
    r"|utfordringa|trend|trenden|sted|stedet|stad|staden|rusmiddel|stoff|stoffet|møteplass)\s*,?\s*$",
    re.IGNORECASE,
)

SCHOOL = re.compile(
    r"\b[A-ZÆØÅ][\w\-]{1,40}(?:\s+[A-ZÆØÅ]?[\w\-]{1,40}){0,2}?\s+"
    r"(?:skole|skule|ungdomsskole|ungdomsskule|barneskole|barneskule|videregående|vidaregåande|vgs)\b"
    r"|\b[A-ZÆØÅ]\w+(?:skolen|skulen)\b"
)
AGE = re.compile(
    rf"\b{_YEARS}[- ]år(?:ing|ig|s|\b)|\b{_GRADE}\s(?:klasse|trinn|steg)\b|\b(?:{_CLASS})"
    r"|\bpå\s1\d\b"
)
ACT = re.compile(
    r"\b(?:tatt\s(?:for|med)|teken\s(?:for|med)|tekne\smed|rana|ranet|ran|slo|slått|slåss|sparket|"
    r"sparka|stjal|stjålet|stole|solgt|solgte|selger|selde|sel|kniv|hasj|kokain|truet|trua|truga"
    r"|mobber|mobbar|voldtatt|valdteken|voldtok|nakenbilde\w*|ruser\sseg|rusar\sseg|skjærer\sseg"
    r"|rømte|rømde|utvist|bortvist|overgrep|innbrudd|innbrot|hærverk|lystgass|piller)\b",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"\b(?:flere|fleire|mange|noen|nokre|en\sdel|stadig|antall|tal|åringer|åringar|andel|andelen"
    r"|\w+-åringer|\w+-åringar|elever|elevar|elevene|elevane|ungdommer|ungdomar|ungdommene"
    r"|ungdomane|gutter|gutar|jenter|foresatte|føresette|\d+\s?(?:%|prosent))\b",
    re.IGNORECASE,
)

_PATTERNS = tuple(
    (re.compile(pattern), kind)
    for kind, patterns in (("relation", _RELATION), ("individual", _ONE_AMONG), ("role", _ROLE))
    for pattern in patterns
)
_SENTENCE = re.compile(r"(?:^|[.!?:;\n(«\"–-]\s*)(\w)")


def likely(text: str) -> Iterator[Hit]:
    """What in *text* asks to be confirmed, names apart."""
    for reading in (text, _softened(text)):
        for pattern, kind in _PATTERNS:
            for found in pattern.finditer(reading):
                yield *found.span(), kind
        yield from _nicknames(reading)
    yield from _school_age_act(text)


def _softened(text: str) -> str:
    """The same with small letters where sentences begin: a capital there says nothing."""
    letters = list(text)
    for found in _SENTENCE.finditer(text):
        small = found[1].lower()
        letters[found.start(1)] = small if len(small) == 1 else found[1]
    return "".join(letters)


def _nicknames(text: str) -> Iterator[Hit]:
    """With a school or an act in the same text, and not the name of a thing."""
    for found in _NICKNAME.finditer(text):
        if not _THING.search(text[max(0, found.start() - 40) : found.start()]) and (
            SCHOOL.search(text) or ACT.search(text)
        ):
            yield *found.span(), "nickname"


def _school_age_act(text: str) -> Iterator[Hit]:
    """All three in one text, unless it says that it is about many."""
    found = [pattern.search(text) for pattern in (SCHOOL, AGE, ACT)]
    if all(found) and not _MANY.search(text):
        for one in found:
            if one is not None:
                yield *one.span(), "school_age_act"
