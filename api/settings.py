"""What the environment decides. Every setting stands in `docs/reference/settings.md`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ledger.signing import SigningKey


def signing_key(written: str) -> SigningKey:
    """From PEM (PKCS #8), or from the base64 of its 32 bytes. ValueError if it is neither."""
    if "-----BEGIN" in written:
        return SigningKey.from_pem(written.encode())
    return SigningKey.from_base64(written)


class Settings(BaseSettings):
    """Read from the environment: `data` is `LOFT_DATA`, and so on."""

    model_config = SettingsConfigDict(env_prefix="LOFT_", frozen=True)

    data: Path | None = Field(None, description="Where the embedded database and the secret lie.")
    database_url: SecretStr | None = Field(
        None, description="A PostgreSQL server of one's own: the role that may only add and read."
    )
    owner_database_url: SecretStr | None = Field(
        None, description="The same server: the role that owns the tables, for migrations."
    )
    secret: SecretStr | None = Field(
        None,
        min_length=16,
        description="Keys the hashes of requests. Default: a file in the data directory.",
    )
    signing_key: SecretStr | None = Field(
        None,
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
    municipality: str | None = Field(None, description="Which municipality, where there are many.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )

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

    @property
    def listed(self) -> frozenset[str]:
        """What the file of what may stand lists."""
        return frozenset() if self.may_stand is None else _lines(self.may_stand)


def _lines(file: Path) -> frozenset[str]:
    """ValueError if *file* cannot be read as UTF-8."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ValueError from error
    return frozenset(
        line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")
    )
