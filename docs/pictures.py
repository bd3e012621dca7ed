"""Takes the pictures that the docs show: a demonstration is started, something happens in it, and a
browser looks at it. `make pictures`."""

import json
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

PICTURES = Path(__file__).parent / "pictures"
CHROMIUM = "/usr/bin/chromium"
COORDINATOR, BOARD = "p-demo00000001", "p-demo00000003"
COLOURS = 64
"""Of a picture: pages have few, and it is a third as large."""


@dataclass(frozen=True)
class Picture:
    """What somebody (`who`) sees at an address, on a screen of that size."""

    name: str
    who: str
    at: str
    width: int = 1440
    height: int = 900
    scheme: str = "light"


@dataclass(frozen=True)
class Demo:
    """A demonstration that runs, and its tokens by role."""

    url: str
    tokens: dict[str, str]

    def says(self, role: str, path: str, **body: Any) -> Any:  # noqa: ANN401 - JSON
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        answer = httpx.post(f"{self.url}/api/{path}", json=body, headers=headers)
        assert answer.status_code == 201, answer.text  # noqa: S101 - a picture of nothing is none
        return answer.json()


@contextmanager
def demonstration() -> Iterator[Demo]:
    """On data of its own, which are gone afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        started = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "api.cli", "demo", "--port", str(port), "--data", data],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            yield Demo(f"http://127.0.0.1:{port}", _tokens(started))
        finally:
            started.terminate()
            started.wait(60)


def _tokens(started: subprocess.Popen[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    assert started.stdout is not None  # noqa: S101 - a pipe was asked for
    for line in started.stdout:
        if said := re.match(r"(\w+): (loft_\S+)", line):
            found[said[1]] = said[2]
        if "admin" in found:
            return found
    raise SystemExit("The demonstration did not start.")


def happens(demo: Demo) -> list[Picture]:
    """A week in a coordinator's life."""
    number, order = _a_case(demo), _an_order(demo)
    agenda = _a_meeting(demo, number)
    return [
        Picture("start", COORDINATOR, "/"),
        Picture("case", COORDINATOR, f"/cases/{number}", height=1000),
        Picture("meeting", COORDINATOR, f"/{agenda}?item=1&do=notes"),
        Picture("glance", BOARD, "/"),
        Picture("order", COORDINATOR, f"/orders/{order}", 390, 844, "dark"),
    ]


def _ahead(days: int) -> str:
    return str(date.today() + timedelta(days=days))  # noqa: DTZ011 - any day will do


def _ago(days: int) -> dict[str, str]:
    return {"occurred_at": f"{_ahead(-days)}T12:00:00Z", "precision": "day"}


def _a_case(demo: Demo) -> str:
    """The number of one that was lifted and assigned."""

    def case(path: str, **body: Any) -> None:  # noqa: ANN401 - JSON
        demo.says("coordinator", f"cases/{number}/{path}", **body)

    raised = demo.says("coordinator", "cases", raised_by="vestre-13-16",
                       title="Slåssing ved kjøpesenteret på fredager", themes=["vold"],
                       description="Tre skoler har sett det samme.", **_ago(60))  # fmt: skip
    number: str = raised["number"]
    case("discussions", summary="Flere skoler har sett det. Teamet når ikke alle.",
         conclusion="ask_to_lift", **_ago(52))  # fmt: skip
    case("escalations", to="koordineringsgruppen", why="cannot", tried="Foreldremøte på én skole.",
         reason="Det gjelder tre skoler og to bydeler.", **_ago(45))  # fmt: skip
    case("discussions", summary="Fritid kan være til stede på fredager.", conclusion="continue",
         **_ago(20))  # fmt: skip
    case("assignments", service="Ungdom og fritid", due_on=_ahead(12),
         expectation="Vær ved kjøpesenteret på fredager fram til jul.", **_ago(20))  # fmt: skip
    return number


def _an_order(demo: Demo) -> str:
    order = demo.says(
        "coordinator", "orders", acting_for="styret", kind="mapping", to="vestre-13-16",
        what="Hvordan er rusbildet blant ungdom i vest?", due_on=_ahead(200),
        expected_effect="Vi vet hvor vi skal begynne.",
        mandate="Kartlegg bruk, omsetning og hva tjenestene ser.",
        steps=["Samtaler med skolene", "Møte med politiet", "Handlingsplan"],
    )  # fmt: skip
    demo.says("member", f"orders/{order['id']}/acceptance")
    return str(order["id"])


def _a_meeting(demo: Demo, number: str) -> str:
    """The path of one that is under way, with the case first."""
    meeting = demo.says(
        "coordinator", "meetings", organ="koordineringsgruppen",
        starts_at=f"{_ahead(-1)}T12:00:00Z", place="Kommunegården",
    )  # fmt: skip
    agenda = f"meetings/{meeting['id']}"
    for cases in ([number], ["2026-0003"], ["2026-0011"]):
        demo.says("coordinator", f"{agenda}/agenda/items", cases=cases)
    demo.says("coordinator", f"{agenda}/items/1/discussions", conclusion="continue",
              summary="Ungdom og fritid er der på fredager. Vi ser på det igjen i januar.",
              occurred_at=f"{_ahead(-1)}T12:20:00Z")  # fmt: skip
    return agenda


def take(browser: Browser, demo: Demo, picture: Picture) -> None:
    context = browser.new_context(
        locale="nb-NO",
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(f"{demo.url}/")
    page.locator(f"button[value='{picture.who}']").click()
    page.wait_for_load_state()
    if "/confidentiality" in page.url:
        page.locator("form[action='/confidentiality'] button").click()
    page.goto(f"{demo.url}{picture.at}")
    page.wait_for_load_state("networkidle")
    file = PICTURES / f"{picture.name}.png"
    page.screenshot(path=file)
    context.close()
    with Image.open(file) as taken:
        taken.convert("RGB").quantize(COLOURS).save(file, optimize=True)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with demonstration() as demo, sync_playwright() as playwright:
        asked = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=asked)
        for picture in happens(demo):
            take(browser, demo, picture)
        browser.close()
    sizes = {file.name: file.stat().st_size for file in sorted(PICTURES.glob("*.png"))}
    sys.stdout.write(json.dumps(sizes, indent=2) + "\n")


if __name__ == "__main__":
    main()
