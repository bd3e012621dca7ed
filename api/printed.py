"""A page to print: it stands alone, so that it looks the same once it is saved."""

import base64
import hashlib
from html import escape

STYLE = (
    "body { font: 11pt/1.4 sans-serif; max-width: 38em; margin: 2em auto; } "
    "pre { font-size: 9pt; } svg { display: block; } "
    "td, th { text-align: left; padding: 0 2em 0 0; }"
)
STYLE_HASH = f"sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}"
"""By this the Content-Security-Policy knows the one style that stands in a page."""


def printed(title: str, body: str) -> str:
    """In Norwegian: it goes to people. *body* is HTML."""
    return f"""<!doctype html>
<html lang="nb"><head><meta charset="utf-8"><title>{escape(title)}</title>
<style>{STYLE}</style></head>
<body>{body}
</body></html>
"""
