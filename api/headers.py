"""What every answer tells a browser: run nothing from elsewhere, guess nothing, keep nothing."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.printed import STYLE_HASH

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' '{STYLE_HASH}'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
"""No script and no style may stand in a page, but for the style of `api/printed.py`."""

NOT_NEEDED = (
    "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid",
    "magnetometer", "microphone", "midi", "payment", "screen-wake-lock", "serial", "usb",
)  # fmt: skip

ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with it, browsers send `Origin: null` with forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in NOT_NEEDED),
}
OVER_HTTPS = "max-age=31536000; includeSubDomains"
"""A year (RFC 6797)."""
MAY_BE_KEPT = "/api/docs/"
"""The files of the documentation page: the same for everybody."""


class Headed:
    """ASGI middleware: every answer leaves with these headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def head(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = _of(scope)
                others = [one for one in message["headers"] if one[0].lower() not in ours]
                message["headers"] = [*others, *ours.items()]
            await send(message)

        await self.app(scope, receive, head)


_RAW = {name.lower().encode(): value.encode() for name, value in ALWAYS.items()}


def _of(scope: Scope) -> dict[bytes, bytes]:
    """The headers that the answer to this request leaves with."""
    ours, path = _RAW, scope["path"]
    if path.startswith("/api") and not path.startswith(MAY_BE_KEPT):
        ours = ours | {b"cache-control": b"no-store"}
    if scope["scheme"] == "https":
        ours = ours | {b"strict-transport-security": OVER_HTTPS.encode()}
    return ours
