"""The page on the settings, from the model that reads them."""

from collections.abc import Iterator

from api.settings import Settings
from docs.wording import MADE, line

SETTINGS = """\
Løft reads its settings from the environment. None of them is needed: without any, it starts a
PostgreSQL of its own and keeps it in the data directory.
"""

AFTER_SETTINGS = """\
`LOFT_DATABASE_URL`: without it, the embedded server. `LOFT_OWNER_DATABASE_URL`: without it, the
same role as in `LOFT_DATABASE_URL`. `LOFT_MUNICIPALITY`: without it, the only one there is.

`LOFT_DATA` is by default the user's own data directory (`~/.local/share/loft` on Linux,
`~/Library/Application Support/loft` on macOS), and `/var/lib/loft` for root. The option `--data`
goes before it. On a server of one's own it holds only the file `secret`.

`LOFT_SECRET` keys two things: the hashes by which a repeated `Idempotency-Key` is recognised, and
the ids that an import gives. Processes that serve the same ledger from different machines must
share it: with another secret a repeat is taken for another request, and a file that is imported
again brings its matters in a second time.

**Secrets** are read from the environment or from files, never from the command line, where every
user of the machine can read them. A file is better than a variable, which programs inherit: with
Docker or systemd, `LOFT_SECRET_FILE=/run/secrets/loft`. In both at once is refused. No secret is
ever logged or repeated.

`LOFT_SIGN_IN`, `LOFT_PUBLIC_URL`: see [Let people sign in](../how-to/sign-in.md). Without them
nobody signs in, and tokens let in.

`LOFT_SMTP_…`, `LOFT_WEBHOOK_PRIVATE`: see [Send notices](../how-to/send-notices.md). The secrets of
webhooks are sealed under `LOFT_SECRET` too: under another one they cannot be opened, and each is
given a new secret.

How to use a server of one's own is told in [Your own PostgreSQL](../how-to/own-postgresql.md).
"""


def settings_page() -> Iterator[str]:
    yield "# Settings"
    yield ""
    yield MADE
    yield ""
    yield SETTINGS
    yield "| variable | default | what |"
    yield "|---|---|---|"
    for name, field in Settings.model_fields.items():
        default = f"`{field.default}`" if field.default is not None else "see below"
        yield f"| `LOFT_{name.upper()}` | {default} | {line(field.description or '')} |"
    yield ""
    yield AFTER_SETTINGS.rstrip()
