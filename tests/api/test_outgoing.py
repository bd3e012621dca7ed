"""Where requests of ours never go: into the network that we stand in."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api import outgoing
from api.outgoing import AddressRefused, NotReached, Poster, admitted, is_public
from tests.receivers import receiving, silent

INSIDE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",  # noqa: S104
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1",
    "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
    "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1",
    "2001:0:0:0:0:0:80ff:fffe",
]  # fmt: skip
OUTSIDE = ["192.0.32.8", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_told(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_outside_is_told(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/", "https://localhost./", "https://127.0.0.1/", "https://2130706433/",
        "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/",
        "https://0/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
        "https://169.254.169.254/latest/meta-data", "https://[fe80::1]/", "https://10.1.2.3:8443/",
        "http://192.0.32.8/", "ftp://192.0.32.8/", "file:///etc/passwd", "https://", "192.0.32.8",
        "https://a:b@192.0.32.8/", "https://192.0.32.8/#x", "https://192.0.32.8:0/", "",
        "https://[::1", "https://192.0.32.8:99999/", "https://nowhere.invalid/", "https:///x",
        "//192.0.32.8/", "https://１２７.0.0.1/", "https://" + "a" * 70 + ".example/",
    ],
)  # fmt: skip
def test_a_url_that_leads_inside_or_nowhere_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        admitted(url, private=False)


@pytest.mark.parametrize("url", ["https://192.0.32.8/loft?a=b", "https://[2606:4700:4700::1111]/"])
def test_a_url_that_leads_outside_is_let_through(url: str) -> None:
    admitted(url, private=False)


def test_the_setting_lets_through_what_lies_inside() -> None:
    admitted("http://127.0.0.1:8080/in", private=True)
    with pytest.raises(AddressRefused):
        admitted("ftp://127.0.0.1/in", private=True)


def test_a_name_of_which_one_address_lies_inside_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _names(monkeypatch, ["192.0.32.8", "10.0.0.1"])
    with pytest.raises(AddressRefused):
        admitted("https://both.example/", private=False)


def test_the_connection_goes_to_the_very_address_that_was_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that leads elsewhere when it is asked again is not asked again."""
    asked: list[str] = []
    with receiving() as receiver:
        port = receiver.url.rpartition(":")[2]
        _names(monkeypatch, ["127.0.0.1"], asked)
        with Poster(f"http://rebinding.example:{port}/in", private=True) as poster:
            assert poster.post(b"{}", {"webhook-id": "w-1"}) == 204
            _names(monkeypatch, ["192.0.2.1"], asked)
            assert poster.post(b"{}", {"webhook-id": "w-2"}) == 204
    assert asked == ["rebinding.example"]
    assert receiver.posted[0].headers["host"] == f"rebinding.example:{port}"


def test_a_name_that_has_come_to_lead_inside_is_refused_when_it_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with receiving() as receiver:
        port = receiver.url.rpartition(":")[2]
        url = f"https://rebinding.example:{port}/in"
        _names(monkeypatch, ["192.0.32.8"])
        admitted(url, private=False)
        _names(monkeypatch, ["127.0.0.1"])
        with Poster(url, private=False) as poster, pytest.raises(NotReached, match="refused"):
            poster.post(b"{}", {"webhook-id": "w-1"})
    assert receiver.posted == []


def test_a_redirect_is_not_followed() -> None:
    with receiving(lambda _: 307) as receiver:
        with Poster(f"{receiver.url}/in", private=True) as poster:
            assert poster.post(b"{}", {"webhook-id": "w-1"}) == 307
        assert [one.path for one in receiver.posted] == ["/in"]


def test_a_proxy_of_the_environment_is_not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver, receiving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        with Poster(f"{receiver.url}/in", private=True) as poster:
            assert poster.post(b"{}", {"webhook-id": "w-1"}) == 204
    assert (len(receiver.posted), proxy.posted) == (1, [])


def test_a_receiver_that_says_nothing_is_left_in_time() -> None:
    with silent() as port:
        hasty = Poster(f"http://127.0.0.1:{port}/", private=True, patience=0.3)
        with hasty as poster, pytest.raises(NotReached, match="timeout"):
            poster.post(b"{}", {})


def test_nobody_there_is_told_in_one_word() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    alone = Poster(f"http://127.0.0.1:{port}/", private=True)
    with alone as poster, pytest.raises(NotReached, match="unreachable"):
        poster.post(b"{}", {})


def _names(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str], asked: list[str] | None = None
) -> None:
    """Let every name have these addresses."""

    def found(host: str, port: int, **_: object) -> list[tuple]:
        if asked is not None:
            asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    class Names:
        SOCK_STREAM = socket.SOCK_STREAM
        getaddrinfo = staticmethod(found)

    monkeypatch.setattr(outgoing, "socket", Names)


@contextmanager
def encrypted(tmp_path: Path, name: str) -> Iterator[tuple[int, ssl.SSLContext]]:
    """The port of a server with a certificate for *name*, and whom to trust for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = tmp_path / "certificate.pem"
    file.write_bytes(key.private_bytes(*plain) + made.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with receiving(context=context) as receiver:
        yield int(receiver.url.rpartition(":")[2]), ssl.create_default_context(cafile=str(file))


def test_the_certificate_must_be_the_name_s_though_the_address_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with encrypted(tmp_path, "receiver.example") as (port, trust):
        _names(monkeypatch, ["127.0.0.1"])
        with Poster(f"https://receiver.example:{port}/", private=True, trust=trust) as right:
            assert right.post(b"{}", {"webhook-id": "w-1"}) == 204
        other = Poster(f"https://other.example:{port}/", private=True, trust=trust)
        with other as wrong, pytest.raises(NotReached, match="unreachable"):
            wrong.post(b"{}", {"webhook-id": "w-1"})
