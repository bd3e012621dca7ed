"""What the environment decides. Every setting stands in `docs/reference/settings.md`."""

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import EmailStr, Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api import providers
from api.bounds import Bounds
from api.mail import MailServer
from ledger.signing import SigningKey

_ADDRESS = r"https://[a-z0-9.-]+(:\d{1,5})?/?|http://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?/?"
"""Unencrypted only on this very machine."""


def signing_key(written: str) -> SigningKey:
    """From PEM (PKCS #8), or from the base64 of its 32 bytes. ValueError if it is neither."""
    if "-----BEGIN" in written:
        return SigningKey.from_pem(written.encode())
    return SigningKey.from_base64(written)


SECRETS = ("database_url", "owner_database_url", "secret", "signing_key", "smtp_password")
"""What each can also be read from a file, so that it stands in no process's environment."""
IN_A_FILE = "A file that holds `LOFT_{}`, instead of it."


class Settings(Bounds, BaseSettings):
    """Read from the environment: `data` is `LOFT_DATA`, and so on."""

    model_config = SettingsConfigDict(env_prefix="LOFT_", frozen=True, hide_input_in_errors=True)

    data: Path | None = Field(None, description="Where the embedded database and the secret lie.")
    database_url_file: Path | None = Field(None, description=IN_A_FILE.format("DATABASE_URL"))
    owner_database_url_file: Path | None = Field(
        None, description=IN_A_FILE.format("OWNER_DATABASE_URL")
    )
    secret_file: Path | None = Field(None, description=IN_A_FILE.format("SECRET"))
    signing_key_file: Path | None = Field(None, description=IN_A_FILE.format("SIGNING_KEY"))
    smtp_password_file: Path | None = Field(None, description=IN_A_FILE.format("SMTP_PASSWORD"))
    database_url: SecretStr | None = Field(
        None,
        validate_default=True,
        description="A PostgreSQL server of one's own: the role that may only add and read.",
    )
    owner_database_url: SecretStr | None = Field(
        None,
        validate_default=True,
        description="The same server: the role that owns the tables, for migrations.",
    )
    secret: SecretStr | None = Field(
        None,
        min_length=16,
        validate_default=True,
        description="Keys the hashes of requests. Default: a file in the data directory.",
    )
    signing_key: SecretStr | None = Field(
        None,
        validate_default=True,
        description="Signs checkpoints: an Ed25519 key as PEM (PKCS #8), or its 32 bytes in "
        "base64. Default: a file in the data directory.",
    )
    checkpoint_seconds: float = Field(
        600, gt=0, description="Seconds between checkpoints while something is recorded."
    )
    may_stand: Path | None = Field(
        None,
        description="A file with what may stand in texts though it looks as if it pointed at a "
        "person: numbers, mailboxes, addresses, institutions. One a line, `#` before a comment.",
    )
    sign_in: Path | None = Field(
        None,
        description="A TOML file with those whom people sign in with. Default: nobody signs in.",
    )
    public_url: str | None = Field(
        None,
        description="This server as browsers know it, such as `https://loft.example.no`. Needed "
        "for signing in, and for notices by e-mail.",
    )
    session_idle_hours: float = Field(
        8, gt=0, le=24, description="Hours after which somebody who does nothing is signed out."
    )
    session_hours: float = Field(
        12, gt=0, le=24, description="Hours after which everybody signs in again."
    )
    smtp_host: str | None = Field(
        None,
        min_length=1,
        description="The mail server that notices go out by. Default: there are none by e-mail.",
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls, tls, or none: only for a server on this very machine."
    )
    smtp_user: str | None = Field(None, description="Whom it knows Løft as. Default: nobody.")
    smtp_password: SecretStr | None = Field(
        None, validate_default=True, description="The password to it."
    )
    smtp_from: EmailStr | None = Field(
        None, description="The address that notices come from. Needed with LOFT_SMTP_HOST."
    )
    webhook_private: bool = Field(
        False,
        description="Whether webhooks may lead into the network that Løft stands in, and be "
        "unencrypted: for a receiver of one's own there, and for tests.",
    )
    municipality: str | None = Field(None, description="Which municipality, where there are many.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )

    @field_validator(*(f"{name}_file" for name in SECRETS))
    @classmethod
    def _can_be_read(cls, file: Path | None) -> Path | None:
        if file is not None:
            _content(file)
        return file

    @field_validator(*SECRETS, mode="before")
    @classmethod
    def _from_its_file(cls, written: object, info: ValidationInfo) -> object:
        """ValueError where it stands in both, since nobody knows then which one is meant."""
        file = info.data.get(f"{info.field_name}_file")
        if file is None:
            return written
        if written is not None:
            raise ValueError
        return _content(file)

    @field_validator("signing_key")
    @classmethod
    def _is_a_key(cls, written: SecretStr | None) -> SecretStr | None:
        if written is not None:
            signing_key(written.get_secret_value())
        return written

    @field_validator("may_stand")
    @classmethod
    def _is_a_list(cls, file: Path | None) -> Path | None:
        if file is not None:
            _lines(file)
        return file

    @field_validator("sign_in")
    @classmethod
    def _is_sound(cls, file: Path | None) -> Path | None:
        if file is not None:
            providers.read(file)
        return file

    @model_validator(mode="after")
    def _can_come_back(self) -> Self:
        if self.sign_in is not None and self.public_url is None:
            raise providers.FileUnsound("LOFT_SIGN_IN needs LOFT_PUBLIC_URL beside it.")
        return self

    @model_validator(mode="after")
    def _can_write_mail(self) -> Self:
        if self.smtp_host is not None and (self.smtp_from is None or self.public_url is None):
            raise providers.FileUnsound(
                "LOFT_SMTP_HOST needs LOFT_SMTP_FROM and LOFT_PUBLIC_URL beside it."
            )
        return self

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        """Of a whole host: the cookies are the host's."""
        if url is not None and not re.fullmatch(_ADDRESS, url):
            raise ValueError
        return url

    @property
    def mail_server(self) -> MailServer | None:
        """Who takes e-mail on; None where nobody does."""
        if self.smtp_host is None or self.smtp_from is None or self.public_url is None:
            return None
        return MailServer(
            host=self.smtp_host,
            port=self.smtp_port,
            security=self.smtp_security,
            user=self.smtp_user,
            password=self.smtp_password,
            sender=self.smtp_from,
            public_url=self.public_url,
        )

    @property
    def bounds(self) -> Bounds:
        """What one client may ask, and nothing of the rest."""
        return Bounds(**{name: getattr(self, name) for name in Bounds.model_fields})

    @property
    def listed(self) -> frozenset[str]:
        """What the file of what may stand lists."""
        return frozenset() if self.may_stand is None else _lines(self.may_stand)


def _content(file: Path) -> str:
    """Without space at its ends. ValueError if *file* cannot be read as UTF-8."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ValueError from error


def _lines(file: Path) -> frozenset[str]:
    """ValueError if *file* cannot be read as UTF-8."""
    lines = _content(file).splitlines()
    return frozenset(
        line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")
    )
