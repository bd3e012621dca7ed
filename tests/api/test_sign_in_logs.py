"""What a real server leaves behind of a sign-in: nothing that is a secret or a number of birth."""

import socket
from pathlib import Path

import pytest

from tests.api import openid
from tests.api.openid import PID, SECRET, Browser
from tests.api.processes import data_directory, loft, serving

FILE = """
[providers.idporten]
profile = "idporten"
issuer = "{issuer}"
client_id = "idporten"
client_secret_env = "OIDC_SECRET_OF_THE_TESTS"
newcomers = "registered"
"""


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def test_nothing_of_it_stands_in_the_logs(tmp_path: Path, free_port: int) -> None:
    url, file = f"http://127.0.0.1:{free_port}", tmp_path / "sign-in.toml"
    redirects = {"idporten": f"{url}/sign-in/idporten/callback"}
    with openid.running(redirects) as provider, data_directory() as data:
        file.write_text(FILE.format(issuer=provider.issuer))
        settings = {
            "LOFT_SIGN_IN": str(file), "LOFT_PUBLIC_URL": url, "LOFT_LOG_LEVEL": "DEBUG",
            "OIDC_SECRET_OF_THE_TESTS": SECRET,
        }  # fmt: skip
        with serving(data, "serve", "--port", str(free_port), **settings) as running:
            browser = Browser(url)
            callback = browser.at_provider(browser.begin("idporten"), "police", "idporten-loa-high")
            assert browser.ask(callback).headers["location"] == "/"
            assert "Politi Nordmann" in browser.ask("/").text
            assert browser.ask(callback).status_code == 400
            held = [*browser.cookies.values(), browser.csrf]
            said = running.logged + "\n".join(running.said)
        assert "/sign-in/{provider}/callback" in said
        logged = said + (data / "postgres.log").read_text()
        state, code = (openid.query_of(callback)[name] for name in ("state", "code"))
        for hidden in (PID, SECRET, "Nordmann", state, code, *held):
            assert hidden not in logged
        assert loft(data, "verify").returncode == 0
