"""`python -m bench [NAME...] [--json FILE]`: run the benchmarks, and print a table of each."""

import argparse
import gc
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bench import (
    accesses,
    annual,
    append,
    deadlines,
    gate,
    http,
    meetings,
    pages,
    proof,
    reads,
    reports,
    server,
    views,
)  # fmt: skip
from bench.bed import Bed, made
from bench.figures import Figure, save, show

BENCHMARKS: dict[str, Callable[[Bed], list[Figure]]] = {
    "append": append.run,
    "http": http.run,
    "views": views.run,
    "reads": reads.run,
    "accesses": accesses.run,
    "server": server.run,
    "proof": proof.run,
    "gate": gate.run,
    "meetings": meetings.run,
    "deadlines": deadlines.run,
    "pages": pages.run,
    "annual": annual.run,
    "reports": reports.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    asked = parser.parse_args()
    if unknown := set(asked.names) - BENCHMARKS.keys():
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    gc.set_threshold(50_000, 20, 20)  # as every `loft` command does
    figures = measure(asked.names or list(BENCHMARKS))
    if asked.json is not None:
        save(figures, asked.json)


def measure(names: list[str]) -> list[Figure]:
    console, figures = Console(stderr=True), list[Figure]()
    with made() as bed:
        for name in names:
            began = time.monotonic()
            with console.status(f"{name} …"):
                found = BENCHMARKS[name](bed)
            console.print(f"{name}: {time.monotonic() - began:.0f} s")
            show(found)  # at once: the next one may fail, and a large one takes an hour
            figures += found
    return figures


main()
