"""Where people read of what they are told of: the page of a case, a meeting or an order."""


def page_of(stream: str, number: str | None) -> str:
    """The address of the page of a life, below that of the server. *number*: of a case."""
    life, _, ref = stream.partition(":")
    return f"/cases/{number}" if number else f"/{life}s/{ref}" if ref else f"/cases/{stream}"
