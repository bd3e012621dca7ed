"""What one client may ask of a server, how much, for how long and how often."""

from ipaddress import ip_network

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Bounds(BaseModel):
    """What one client may ask of a server. The defaults are far above what a good one needs."""

    model_config = ConfigDict(frozen=True)

    token_requests: int = Field(30_000, ge=1, description="Requests of one token in 10 seconds.")
    address_requests: int = Field(
        100_000, ge=1, description="Requests from one address in 10 seconds."
    )
    failed_requests: int = Field(
        30,
        ge=1,
        description="Requests with a wrong token from one address in a minute. Who has been let in "
        "from there goes on.",
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto "
        "are believed, with commas between. Default: none.",
    )
    receive_seconds: float = Field(
        20, gt=0, description="Seconds within which a request must have arrived."
    )
    request_seconds: float = Field(
        60, gt=0, description="Seconds after which a request that is not answered yet gets 503."
    )
    idle_seconds: int = Field(
        15,
        gt=0,
        description="Seconds after which a connection on which nothing is asked is closed.",
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, listed: str) -> str:
        for one in _split(listed):
            ip_network(one)
        return listed

    @property
    def proxies(self) -> list[str]:
        return _split(self.trusted_proxies)


def _split(listed: str) -> list[str]:
    return [one.strip() for one in listed.split(",") if one.strip()]
