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
