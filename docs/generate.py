"""Writes the pages of the reference that come from the code: the API, the settings, the rights."""

from pathlib import Path

from api.app import create_app
from api.installation import OpenLedger
from docs.api_page import api_page
from docs.rights_page import rights_page
from docs.settings_page import settings_page
from ledger.checkpoints import Notary
from ledger.database import Database
from ledger.erasures import ErasureList
from ledger.signing import SigningKey

REFERENCE = Path(__file__).parent / "reference"


def pages() -> dict[Path, str]:
    """Each generated page and what it holds, the same at every run on the same code."""
    nowhere, key = Database("", ""), SigningKey.from_seed(bytes(32))
    notary, erasures = Notary(nowhere, key, Path()), ErasureList(Path())
    app = create_app(
        OpenLedger(nowhere), secret=b"", notary=notary, access_notary=notary, erasures=erasures
    )
    return {
        REFERENCE / "api.md": "\n".join(api_page(app)) + "\n",
        REFERENCE / "settings.md": "\n".join(settings_page()) + "\n",
        REFERENCE / "rights.md": "\n".join(rights_page()) + "\n",
    }


def main() -> None:
    """Write each page that differs from what the code says."""
    for page, content in pages().items():
        if not page.exists() or page.read_text() != content:
            page.write_text(content)


if __name__ == "__main__":
    main()
