"""Files that are no backup, or one that somebody has altered: they change nothing."""

import json
import re
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest

from ledger.archive import BackupRefused
from ledger.bundle import Part
from ledger.bundle import write as write_bundle
from tests.api.backups import (
    Home,
    Members,
    home,
    manifest_with,
    members_of,
    moved,
    packed,
    rehashed,
)
from tests.conftest import Server
from tests.ledger.leaves import expected

COLUMNS = (
    "position", "stream_id", "stream_type", "version", "name", "schema_version", "data", "actor",
    "occurred_at", "recorded_at", "command_id", "causation_id", "correlation_id", "leaf_hash",
)  # fmt: skip
NOT_ONE = "This is not a backup from Løft, or it is not all there."
NEWER = "made by a newer version of Løft"


@pytest.fixture(scope="module")
def origin(
    server: Server, baerum_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    with home(server, tmp_path_factory.mktemp("origin"), baerum_template) as made:
        yield made


@pytest.fixture(scope="module")
def good(origin: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("backups") / "good"
    origin.backs_up(file)
    return file


@pytest.fixture(scope="module")
def target(
    server: Server,
    baerum_template: str,
    good: Path,
    origin: Home,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Home]:
    """Where they are tried: an installation with a ledger, of which `good` is a backup."""
    with home(server, tmp_path_factory.mktemp("target"), baerum_template) as made:
        moved(origin, made, "signing-key.pem", "checkpoints")
        made.restores(good, replace=True)
        yield made


def refused(target: Home, file: Path) -> str:
    """Why *file* is refused, whether it is to replace the ledger or not; nothing is changed."""
    before = (target.contents(), target.schemas(), everything_in(target.data))
    with pytest.raises(BackupRefused) as caught:
        target.restores(file, replace=True)
    assert (target.contents(), target.schemas(), everything_in(target.data)) == before
    said = str(caught.value) or " ".join((type(caught.value).__doc__ or "").split())
    assert re.fullmatch(r"[A-Z].*\.", said), said
    return said


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(one): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


# What is no backup.


def test_no_file(target: Home, tmp_path: Path) -> None:
    assert "cannot be read: No such file" in refused(target, tmp_path / "none")
    assert "cannot be read: Is a directory" in refused(target, tmp_path)


@pytest.mark.parametrize("content", [b"", b"Bekymring", b"PK\x03\x04" + bytes(500)])
def test_something_else(target: Home, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert refused(target, file) == NOT_ONE


def test_a_bundle(target: Home, origin: Home, tmp_path: Path) -> None:
    with origin.opened() as ledger:
        write_bundle(origin.installation.notary(ledger.database), tmp_path / "bundle", Part())
    assert refused(target, tmp_path / "bundle") == NOT_ONE


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_one(target: Home, good: Path, tmp_path: Path, part: float) -> None:
    whole = good.read_bytes()
    (tmp_path / "file").write_bytes(whole[: int(len(whole) * part)])
    assert refused(target, tmp_path / "file") == NOT_ONE


@pytest.mark.parametrize("seventh", range(7))
def test_one_with_a_bad_spot(target: Home, good: Path, tmp_path: Path, seventh: int) -> None:
    """A hundred bytes of it, anywhere but in the directory at its end."""
    whole = bytearray(good.read_bytes())
    at = 200 + len(whole) * seventh // 8
    whole[at : at + 100] = bytes(byte ^ 0x55 for byte in whole[at : at + 100])
    (tmp_path / "file").write_bytes(whole)
    said = refused(target, tmp_path / "file")
    assert said == NOT_ONE or said.startswith("The backup is damaged")


# What somebody has altered.

Mend = Callable[[Members], None]


def replaced(member: str, old: bytes, new: bytes, *, with_hashes: bool = True) -> Mend:
    def mend(members: Members) -> None:
        assert old in members[member]
        members[member] = members[member].replace(old, new, 1)
        if with_hashes:
            rehashed(members)

    return mend


def without_line(member: str, number: int) -> Mend:
    def mend(members: Members) -> None:
        lines = members[member].splitlines(keepends=True)
        del lines[number]
        members[member] = b"".join(lines)
        rehashed(members)

    return mend


def with_line(member: str, line: bytes) -> Mend:
    def mend(members: Members) -> None:
        members[member] += line
        rehashed(members)

    return mend


def an_event_and_its_hash(members: Members) -> None:
    """By a hand that knows how the hash beside an event is made."""
    lines = members["events.copy"].decode().split("\n")
    values = lines[6].split("\t")
    row: dict[str, Any] = dict(zip(COLUMNS, values, strict=True))
    row |= {name: int(row[name]) for name in ("position", "version", "schema_version")}
    row |= {name: json.loads(row[name]) for name in ("data", "actor")}
    row |= {name: datetime.fromisoformat(row[name]) for name in ("occurred_at", "recorded_at")}
    row |= dict.fromkeys(("causation_id", "correlation_id"))
    row["data"]["precision"] = "year"
    values[6], values[13] = json.dumps(row["data"]), f"\\\\x{expected(row).hex()}"
    lines[6] = "\t".join(values)
    members["events.copy"] = "\n".join(lines).encode()
    rehashed(members)


@pytest.mark.parametrize(
    ("mend", "sentence"),
    [
        (
            replaced("events.copy", b"OrganConstituted", b"OrganRenamed", with_hashes=False),
            "events is not what its manifest says",
        ),
        (replaced("events.copy", b'"precision": "', b'"precision": "x'), "Event 1 "),
        (an_event_and_its_hash, "altered after signing"),
        (without_line("events.copy", 100), "head is not what"),
        (without_line("texts.copy", 3), "are missing without an erasure"),
        (without_line("checkpoints.copy", -1), "checkpoints is not what"),
        (without_line("subtrees.copy", 5), "tree is not what"),
        (without_line("signing_keys.copy", 0), "Checkpoint number 1 was altered"),
        (without_line("head.copy", 0), "head is not what"),
        (replaced("head.copy", b"t\t169\t", b"t\t170\t"), "head is not what"),
        (replaced("head.copy", b"\t38\n", b"\t37\n"), "head is not what"),
        (replaced("texts.copy", b"Choking", b"Joking"), "The words of event"),
        (replaced("tree.copy", b"169", b"150"), "tree is not what"),
        (with_line("texts.copy", b"\\.\n"), "texts is not what"),
        (with_line("events.copy", b"Xyzzyplugh\t1\n"), "events is not what"),
        (with_line("tokens.copy", b"1\tx\tadmin\n"), "tokens is not what"),
        (replaced("events.copy", b"OrganConstituted", b"OrganForetold"), NEWER),
        (manifest_with(migration=99), NEWER),
        (manifest_with(format=2, what="is new"), NEWER),
        (manifest_with(size=168), "head is not what"),
        (manifest_with(checkpoint="x"), "checkpoints is not what"),
        (manifest_with(migration=0), NOT_ONE),
        (manifest_with(ledger="loft"), NOT_ONE),
        (manifest_with(ledger="pg_catalog"), NOT_ONE),
        (manifest_with(ledger='x"; DROP SCHEMA loft; --'), NOT_ONE),
        (manifest_with(more="x"), NOT_ONE),
        (manifest_with(members=[]), NOT_ONE),
    ],
)  # fmt: skip
def test_an_altered_one(
    target: Home, good: Path, tmp_path: Path, mend: Mend, sentence: str
) -> None:
    members = members_of(good)
    mend(members)
    assert sentence in refused(target, packed(members, tmp_path / "file"))


def test_the_good_one_is_taken_in(target: Home, good: Path, tmp_path: Path) -> None:
    """What the tests above do to it is what it is refused for."""
    members = members_of(good)
    rehashed(members)
    file = packed(members, tmp_path / "file")
    assert target.restores(file, replace=True).standing == "whole"


# Hostile ones.


@pytest.mark.parametrize("name", ["../../../etc/cron.d/x", "/tmp/x", "events.copy/", "x.copy"])  # noqa: S108
def test_one_with_more_in_it(target: Home, good: Path, tmp_path: Path, name: str) -> None:
    file = packed(members_of(good) | {name: b"x"}, tmp_path / "file")
    assert refused(target, file) == NOT_ONE


def test_one_with_a_table_of_its_own(target: Home, good: Path, tmp_path: Path) -> None:
    members = members_of(good)
    manifest = json.loads(members["manifest.json"])
    manifest["members"].append(
        {"table": "migrations", "columns": ["number"], "rows": 0, "bytes": 0,
         "sha256": sha256().hexdigest()}
    )  # fmt: skip
    members |= {"migrations.copy": b"", "manifest.json": json.dumps(manifest).encode()}
    assert refused(target, packed(members, tmp_path / "file")) == NOT_ONE


def test_one_with_other_columns(target: Home, good: Path, tmp_path: Path) -> None:
    members = members_of(good)
    manifest = json.loads(members["manifest.json"])
    manifest["members"][0]["columns"][0] = "stream_id"
    members["manifest.json"] = json.dumps(manifest).encode()
    assert refused(target, packed(members, tmp_path / "file")) == NOT_ONE


def test_one_with_two_members_of_a_name(target: Home, good: Path, tmp_path: Path) -> None:
    file = packed(members_of(good), tmp_path / "file")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with ZipFile(file, "a") as archive:
            archive.writestr("events.copy", b"")
    assert refused(target, file) == NOT_ONE


@pytest.mark.parametrize("bomb", ["texts.copy", "manifest.json"])
def test_a_bomb(target: Home, good: Path, tmp_path: Path, bomb: str) -> None:
    """A hundred megabytes that pack to a tenth of one."""
    members = members_of(good)
    members[bomb] += b" " * 100_000_000
    if bomb == "texts.copy":
        rehashed(members)
    said = refused(target, packed(members, tmp_path / "file"))
    assert said == NOT_ONE or "unpack to far more" in said


def test_a_packing_that_takes_much_memory(target: Home, good: Path, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "file", "w", ZIP_BZIP2) as archive:
        for name, content in members_of(good).items():
            archive.writestr(name, content)
    assert refused(target, tmp_path / "file") == NOT_ONE


def test_members_that_lie_over_each_other(target: Home, good: Path, tmp_path: Path) -> None:
    """Each entry of the directory leads to the same bytes."""
    members = members_of(good)
    file = tmp_path / "file"
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        first = max(archive.infolist(), key=lambda info: info.compress_size)
        for info in archive.infolist():
            info.header_offset = first.header_offset
            info.compress_size, info.file_size = first.compress_size, first.file_size
            info.CRC = first.CRC
        archive._didModify = True
    assert refused(target, file) == NOT_ONE
