"""What a leaf hash must be, told by another implementation of RFC 8785 than the ledger's own."""

import hashlib
from datetime import UTC
from typing import Any

import psycopg
import rfc8785
from psycopg.rows import dict_row

from api.installation import OpenLedger
from tests.lives import as_owner


def expected(row: dict[str, Any]) -> bytes:
    """The hash that a row of `events` must have, made of its columns as PostgreSQL gives them."""
    columns = {name: value for name, value in row.items() if name != "leaf_hash"}
    for name in ("occurred_at", "recorded_at"):
        columns[name] = row[name].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for name in ("command_id", "causation_id", "correlation_id"):
        columns[name] = None if row[name] is None else str(row[name])
    return hashlib.sha256(b"\x00" + rfc8785.dumps(columns)).digest()


def rows(connection: psycopg.Connection) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("SELECT * FROM events ORDER BY position").fetchall()


def wrong_leaves(ledger: OpenLedger) -> list[int]:
    """The positions whose leaf hash is not what it must be."""
    with as_owner(ledger) as connection:
        return [row["position"] for row in rows(connection) if row["leaf_hash"] != expected(row)]
