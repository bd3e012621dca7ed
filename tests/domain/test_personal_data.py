"""What points at a person in a text, each kind both ways. The numbers are nobody's."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.names import Reading
from domain.numbers import is_account, is_national_id
from domain.personal_data import Kind, Known, Seen, look

SYNTHETIC = "01810750207"
READINGS = {
    "Kari": frozenset({Reading.GIVEN}),
    "Bjørn": frozenset({Reading.GIVEN, Reading.WORD}),
    "bjørn": frozenset({Reading.WORD}),
    "Hansen": frozenset({Reading.SURNAME}),
    "Lund": frozenset({Reading.SURNAME, Reading.PLACE}),
    "Jonas": frozenset({Reading.GIVEN, Reading.PLACE}),
}


def with_check_digits(nine: str) -> str | None:
    """A number of birth, or None where no check digit fits."""
    digits = [int(one) for one in nine]
    for weights in ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)):
        rest = -sum(d * w for d, w in zip(digits, weights, strict=True)) % 11
        if rest == 10:
            return None
        digits.append(rest)
    return "".join(map(str, digits))


NOTHING = Known()


def kinds(text: str, known: Known = NOTHING) -> list[str]:
    found = look(text, known, Seen(readings=READINGS, common_names=frozenset({"kari"})))
    return [span.kind.value for span in found.spans]


@pytest.mark.parametrize(
    ("day", "month"),
    [(1, 7), (41, 7), (1, 47), (1, 72), (1, 87), (41, 47), (41, 87), (31, 12), (29, 2)],
    ids=["plain", "D", "H +40", "+65", "+80", "D +40", "D +80", "last day", "leap"],
)
def test_a_number_of_birth_is_known_by_its_check_digits(day: int, month: int) -> None:
    made = [with_check_digits(f"{day:02}{month:02}07{n}") for n in range(500, 560)]
    for number in filter(None, made):
        assert kinds(f"Nummeret er {number}.") == ["national_id"]
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        assert not is_national_id(wrong)
        assert "national_id" not in kinds(f"Nummeret er {wrong}.")


@pytest.mark.parametrize("day", ["00", "32", "40", "72", "99"])
@pytest.mark.parametrize("month", ["00", "13", "40", "53", "78", "93"])
def test_what_begins_with_no_day_is_no_number_of_birth(day: str, month: str) -> None:
    for wrong in (f"{day}0107", f"01{month}07"):
        made = (with_check_digits(f"{wrong}{n}") for n in range(500, 530))
        assert not any(is_national_id(number) for number in made if number)


@pytest.mark.parametrize(
    "written",
    ["018107 50207", "01 81 07 50207", "01.81.07-50207", "0 1 8 1 0 7 5 0 2 0 7",
     "018107/50207", "018107,50207", "018107_50207", "018107  50207", "018107\t50207",
     "018107\n50207", "018107:50207", "018107      50207", "01.81.2007 50207",
     "018107 - 50207", "01 81 07 / 502 07", "01/81/07, 50207",
     "0, 1, 8, 1, 0, 7, 5, 0, 2, 0, 7", "018107\u200b50207",
     "０１８１０７５０２０７", "018107\u00a050207", "٠١٨١٠٧٥٠٢٠٧"],
)  # fmt: skip
def test_it_is_found_however_it_is_written(written: str) -> None:
    text = f"Det er {written}, altså."
    (span,) = look(text).spans
    assert span.kind is Kind.NATIONAL_ID
    assert text[span.start : span.end].strip() == written


def test_a_mistyped_number_of_birth_is_asked_about() -> None:
    assert kinds("Nummeret er 01810750208.") == ["number"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Betal til 8601 11 17947.", "account"),
        ("Betal til 8601.11.17947.", "account"),
        ("Betal til 8601  11  17947.", "account"),
        ("Betal til 8601/11/17947.", "account"),
        ("IBAN NO93 8601 1117 947", "account"),
        ("IBAN NO93  8601-1117-947", "account"),
        ("Skriv til ola at gmail.com", "email"),
        ("Skriv til ola (a) skole.no", "email"),
        ("Skriv til ola (at) skole punktum no", "email"),
        ("Skriv til ola @ gmail . com", "email"),
        ("ring 412/34/567 nå", "phone"),
        ("bil med reg AB 12 345", "plate"),
        ("Skriv til ola snabel-a hotmail punktum com", "email"),
        ("bor i storgata 12", "address"),
        ("bor i STORGATA 12 B, kjelleren", "address"),
        ("i kyrkjegata 14 på laurdag", "address"),
        ("i olav kyrres gate 3.", "address"),
        ("bilen DP  45678", "plate"),
        ("mopeden ab12345 stod der", "plate"),
        ("Discord olanor#1234", "handle"),
        ("snap: olanor", "handle"),
        ("legg til snapchat olanor", "handle"),
        ("Snappen hennes er olanor99", "handle"),
        ("Skriv til skatergutt07@gmail.com.", "email"),
        ("Skriv til skatergutt07 (at) gmail.com.", "email"),
        ("Dei bur i Kyrkjegata 8.", "address"),
        ("Bor i Gamle Ringeriksvei 44 B", "address"),
        ("Bor i Olav Kyrres gate 3.", "address"),
        ("Bor i Storgt 4b", "address"),
        ("Bilen DP 45678 stod der.", "plate"),
        ("Bilen med skilt dp45678", "plate"),
        ("Hun heter @lillesnapdronning der", "handle"),
        ("Profilen er instagram.com/lillesnap", "handle"),
        ("Snapchat: kingen_av_rud", "handle"),
        ("Brukarnamnet er sogning_vapes", "handle"),
    ],
)
def test_what_is_certain_is_found(text: str, kind: str) -> None:
    assert kind in kinds(text)
    assert look(text).is_certain


@pytest.mark.parametrize(
    "text",
    [
        "Sak 2026-0001 og 2026-0014",
        "Møte 22.11.2026, 01.12.2026 og 2026-12-24",
        "Fra 2016 til 2026",
        "Det kostet 45 000 000 kroner, eller 1250000 kr.",
        "Kontoplan 86011117948",  # a wrong check digit
        "Organisasjonsnummer 935 478 715",
        "Postboks 700, 1304 Sandvika",
        "Fylkesvei 168 og E18",
        "Storgata 17. mai",
        "Kirkeveien 20 ungdommer",
        "Etter NS 11001 og ISO 27001",
        "Kl. 21.30-22.00",
        "postmottak@baerum.kommune.no og post@skole.no",
        "@ 18.00",
        "Snapchat og TikTok brukes mye",
        "Snapchat: mange deler bilder",
        "snap: 14 saker, Discord 2.0, TikTok 2026-utgaven",
        "Han sier at snapchat.com er nede",
        "i storgata 17. mai, i skolegata 20 minutter, i kirkeveien 3 ganger",
        "gågata 12, skolevei 2, hovedveien 3",
        "fra kr12345 til ca15000 og nr12345",
        "Sak 2026/14, 2026/0019 og 2023/2024",
        "12/01/2026, 09/02/2026 og 16/03/2026",
        "sak#2026 og #1234",
        "Ring kl. 21.30-22.00, eller telefonen 01.02.2026",
        "En bil til 12345 kroner og en moped kr 12345",
    ],
)
def test_what_only_looks_alike_passes(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize("number", ["86011117947", "15030225667"])
def test_an_account_is_known_by_its_check_digit(number: str) -> None:
    assert is_account(number)
    assert [d for d in range(10) if is_account(number[:-1] + str(d))] == [int(number[-1])]


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("Ring 412 34 567 nå", ["phone"]),
        ("kl. 21.30-22.00", []),
        ("den 22.11.2026", []),
        ("hele 45 000 000", []),
        ("kr 45123456", []),
        ("45123456 kroner", []),
    ],
)
def test_a_phone_number_is_none_where_it_is_a_time_a_day_or_an_amount(
    text: str, phones: list[str]
) -> None:
    start = next(at for at, one in enumerate(text) if one.isdigit())
    end = max(at for at, one in enumerate(text) if one.isdigit()) + 1
    found = look(text, seen=Seen(phones=((start, end),)))
    assert [span.kind.value for span in found.spans] == phones


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Vi snakket med Kari i går", "name"),
        ("Her er kari igjen", "name"),
        ("KARI er her", "name"),
        ("Kari Xyzzy er her", "name"),
        ("her er jonas hansen", "name"),
        ("her er JONAS HANSEN", "name"),
        ("Bjørn slår de andre", "name"),
        ("Hansen-gutten er tilbake", "relation"),
        ("Bjørn Hansen er her", "name"),
        ("Moren til eleven drikker", "relation"),
        ("Mora til guten", "relation"),
        ("Broren hennes", "relation"),
        ("Familien Lund sliter", "relation"),
        ("Han som bor over Kiwi", "individual"),
        ("Ho som bur der", "individual"),
        ("En gutt på 14 ved Hosle skole", "individual"),
        ("Ei jente i 9. klasse", "individual"),
        ("Den eine guten har kniv", "individual"),
        ("Trenaren på guttelaget", "role"),
        ("Ved Rud skole, kalt «Kniven», selges det", "nickname"),
        ("Hosle skole: 15 år, tatt med kniv", "school_age_act"),
    ],
)
def test_what_is_likely_is_asked_about(text: str, kind: str) -> None:
    assert kind in kinds(text)
    assert not look(text).is_certain


@pytest.mark.parametrize(
    "text",
    [
        "Foreldrene til elevene er invitert",
        "Foreldra til ungdomane kom",
        "Bjørn er et rovdyr",
        "Miljøet på Lund har roet seg",
        "Gutter på 14 og jenter i 9. klasse",
        "Flere 15-åringer ved Hosle skole har prøvd hasj",
        "Ein ungdom treng tre vaksne",
        "Prosjektet kalt «Trygg» ved Rud skole mot hasj",
        "Kari Trestakk vises på teateret",
        "Kari Hansens gate er trygg",
    ],
)
def test_trends_and_places_pass(text: str) -> None:
    assert kinds(text) == []


def test_names_of_the_municipality_may_stand() -> None:
    known = Known(names=frozenset({"Klubb Kari"}))
    assert kinds("Flere går på Klubb Kari nå", known) == []
    assert kinds("Flere går med Kari nå", known) == ["name"]


def test_what_the_municipality_lists_may_stand_but_for_a_number_of_birth() -> None:
    listed = frozenset({"Kyrkjegata 8", "helse@rud.no", SYNTHETIC})
    text = f"Kyrkjegata 8, helse@rud.no, {SYNTHETIC}"
    assert kinds(text) == ["address", "email", "national_id"]
    assert kinds(text, Known(may_stand=listed)) == ["national_id"]


@given(st.text(max_size=300))
def test_no_text_breaks_it_and_every_span_lies_within(text: str) -> None:
    spans = look(text, seen=Seen(readings=READINGS)).spans
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_number_of_birth_is_found_in_any_text(before: str, after: str) -> None:
    text = f"{before} x {SYNTHETIC} x {after}"
    assert Kind.NATIONAL_ID in {span.kind for span in look(text).spans}
