"""What the environment decides. Every setting stands in `docs/reference/settings.md`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


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
    municipality: str | None = Field(None, description="Which municipality, where there are many.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )
