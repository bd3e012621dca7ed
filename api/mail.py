"""E-mail: what is told without a word of the case, and the server that takes it on."""

import hashlib
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import Literal

from pydantic import BaseModel, ConfigDict, SecretStr

from api.links import page_of
from domain.event import OSLO
from domain.notice import KINDS
from projections.outbox import Due

PATIENCE = 30.0
"""Seconds that the mail server may be silent."""
FOOTER = "E-posten sier ingenting om innholdet. Hva du varsles om, velger du selv: "


class MailServer(BaseModel):
    """Who takes e-mail on, how, and from whom it comes. `public_url`: what links begin with."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str | None = None
    password: SecretStr | None = None
    sender: str
    public_url: str
    patience: float = PATIENCE


class NotTaken(Exception):
    """The mail server did not take it. `for_good`: it says that it never will."""

    def __init__(self, kind: str, *, for_good: bool = False) -> None:
        super().__init__(kind)
        self.kind = kind
        self.for_good = for_good


@contextmanager
def connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection to *server*, for several messages. Fails with `NotTaken`."""
    try:
        with _opened(server) as smtp:
            if server.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if server.user is not None and server.password is not None:
                smtp.login(server.user, server.password.get_secret_value())
            yield smtp
    except (smtplib.SMTPException, OSError) as error:
        raise _not_taken(error) from None


def _opened(server: MailServer) -> smtplib.SMTP:
    own = server.sender.rpartition("@")[2].rstrip(">")
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host,
            server.port,
            local_hostname=own,
            timeout=server.patience,
            context=ssl.create_default_context(),
        )
    return smtplib.SMTP(server.host, server.port, local_hostname=own, timeout=server.patience)


def send(smtp: smtplib.SMTP, message: EmailMessage) -> None:
    """Let the server take *message*. Fails with `NotTaken`."""
    try:
        smtp.send_message(message)
    except (smtplib.SMTPException, OSError) as error:
        raise _not_taken(error) from None


def _not_taken(error: Exception) -> NotTaken:
    """Only what the server says of this receiver or this message is for good: that it does not let
    us in is mended here."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code = max(code for code, _ in error.recipients.values())
            return NotTaken(f"smtp-{code}", for_good=code >= 500)
        case smtplib.SMTPDataError():
            return NotTaken(f"smtp-{error.smtp_code}", for_good=error.smtp_code >= 500)
        case smtplib.SMTPResponseException():
            return NotTaken(f"smtp-{error.smtp_code}")
        case _ if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            return NotTaken("timeout")
        case _:
            return NotTaken("unreachable")


# What is said.


def about_one(server: MailServer, to: str, one: Due, name: str) -> EmailMessage:
    """One notice. *name*: what tells this message from every other; a repeat has the same."""
    lines = [said(one), link(server, one)]
    return _message(server, to, said(one).rstrip("."), lines, name)


def digest(server: MailServer, to: str, each: Sequence[Due], name: str) -> EmailMessage:
    """All of a day in one."""
    lines = [
        f"{one.recorded_at.astimezone(OSLO):%d.%m. kl. %H.%M}: {said(one)}\n{link(server, one)}"
        for one in each
    ]
    subject = "1 nytt varsel" if len(each) == 1 else f"{len(each)} nye varsler"
    return _message(server, to, subject, lines, name)


def said(one: Due) -> str:
    return KINDS[one.kind].sentence(one.number)


def link(server: MailServer, one: Due) -> str:
    return server.public_url.rstrip("/") + page_of(one.stream, one.number)


def _message(
    server: MailServer, to: str, subject: str, lines: Sequence[str], name: str
) -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message["From"] = server.sender
    message["To"] = to
    message["Subject"] = f"Løft: {subject}"
    domain = server.sender.rpartition("@")[2].rstrip(">")
    message["Message-ID"] = f"<{hashlib.sha256(name.encode()).hexdigest()[:40]}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    settings = f"{FOOTER}{server.public_url.rstrip('/')}/notices"
    message.set_content("\n\n".join([*lines, settings]) + "\n")
    return message
