"""One round of delivery: what one receiver is to be sent by now, by mail or to a webhook."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import groupby
from typing import NoReturn

import orjson
from standardwebhooks import Webhook

from api import mail
from api.hooks import Hook, hook, note_failure, note_success
from api.installation import Installation
from api.mail import MailServer, NotTaken
from api.outgoing import PATIENCE, NotReached, Poster
from api.sealing import CannotBeOpened, Seal
from domain.event import utc
from domain.rights import EVERYBODY
from ledger.database import Connection
from projections import outbox
from projections.outbox import Due, Receiver

TRIES = 20
"""So often something is tried before it is parked: about a day."""
FIRST_WAIT, LONGEST_WAIT = 10.0, 7_200.0
BATCH = 200
"""Notices sent to one webhook before others have their turn."""
WHOLE = 100_000
"""A digest is whole: as many as there ever are."""


@dataclass(frozen=True)
class Means:
    """What there is to deliver with. `private`: whether webhooks may lie in the own network;
    `source`: who sends, to those who get it."""

    secret: bytes = b""
    mail: MailServer | None = None
    private: bool = False
    source: str = "loft"
    tries: int = TRIES
    first_wait: float = FIRST_WAIT
    patience: float = PATIENCE

    @property
    def channels(self) -> tuple[str, ...]:
        return ("webhook",) if self.mail is None else ("mail", "webhook")

    @property
    def seal(self) -> Seal:
        return Seal(self.secret, "webhooks")

    def wait(self, failed: int) -> float:
        """Seconds until the next try, after so many that *failed*: twice as long each time."""
        return min(self.first_wait * 2.0 ** min(failed - 1, 30), LONGEST_WAIT)


class TryLater(Exception):
    """It is to be tried again after so many *seconds*."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def means(installation: Installation) -> Means:
    """What notices of this installation go out with."""
    return Means(
        secret=installation.secret,
        mail=installation.settings.mail_server,
        private=installation.settings.webhook_private,
        source=installation.settings.public_url or "loft",
    )


@dataclass(frozen=True)
class Round:
    """For *receiver*, on a connection that alone delivers there. `stopping`: whether to leave the
    rest to the next."""

    connection: Connection
    receiver: Receiver
    means: Means
    stopping: Callable[[], bool]

    def run(self) -> bool:
        """Whether there may be more. Fails with `TryLater` where it did not get through."""
        if self.receiver.channel == "mail":
            return self._mail()
        return self._webhook()

    def settle(self, each: Sequence[Due], state: str, problem: str | None = None) -> None:
        if each:
            positions = [one.position for one in each]
            outbox.settle(self.connection, self.receiver, positions, state, problem)

    def _readable(self, each: Sequence[Due], *marks: str) -> list[Due]:
        """Those that bear one of *marks* by now; the rest is withheld."""
        hidden = [one for one in each if one.borne.isdisjoint(marks)]
        self.settle(hidden, "withheld", "restricted")
        return [one for one in each if one not in hidden]

    # Mail.

    def _mail(self) -> bool:
        server = self.means.mail
        if server is None:
            return False
        each = outbox.due(self.connection, self.receiver, WHOLE)
        to = self._address()
        if to is None:
            self.settle(each, "withheld", "unwanted")
            return False
        letters = _letters(self._readable(each, EVERYBODY, f"@{self.receiver.recipient}"))
        try:
            return bool(letters) and self._send(server, to, letters)
        except NotTaken as error:
            self._put_off([one for letter in letters for one in letter], error.kind)
        return False

    def _address(self) -> str | None:
        row = self.connection.execute(
            "SELECT address FROM notice_choices WHERE person = %s AND mode <> 'none'",
            (self.receiver.recipient,),
        ).fetchone()
        return row[0] if row else None

    def _send(self, server: MailServer, to: str, letters: list[list[Due]]) -> bool:
        """One message a letter. What has gone is taken off *letters*."""
        with mail.connected(server) as smtp:
            while letters:
                if self.stopping():
                    return True
                letter = letters[0]
                try:
                    mail.send(smtp, self._message(server, to, letter))
                except NotTaken as error:
                    if not error.for_good:
                        raise
                    self.settle(letter, "parked", error.kind)
                else:
                    self.settle(letter, "sent")
                letters.pop(0)
        return False

    def _message(self, server: MailServer, to: str, letter: list[Due]) -> EmailMessage:
        first, who = letter[0], f"{server.public_url} {self.receiver.recipient}"
        if first.digest:
            return mail.digest(server, to, letter, f"{who} {utc(first.due_at)}")
        return mail.about_one(server, to, first, f"{who} {first.position}")

    def _put_off(self, each: Sequence[Due], kind: str) -> None:
        """All that waits was tried, as far as it came; what has been often enough is parked."""
        if not each:
            return
        last = [one for one in each if one.attempts + 1 >= self.means.tries]
        self.settle(last, "parked", kind)
        rest = [one for one in each if one not in last]
        if rest:
            positions = [one.position for one in rest]
            outbox.put_off(self.connection, self.receiver, positions, kind)
            raise TryLater(self.means.wait(1 + max(one.attempts for one in rest)))

    # Webhooks.

    def _webhook(self) -> bool:
        there = hook(self.connection, self.receiver.recipient)
        each = outbox.due(self.connection, self.receiver, BATCH)
        if there is None:
            self.settle(each, "withheld", "deleted")
            return len(each) == BATCH
        if there.parked_at is not None or not each:
            return False
        readable = self._readable(each, EVERYBODY)
        try:
            signers = there.signers(self.means.seal, datetime.now(UTC))
        except CannotBeOpened:
            self._fail(there, readable, "secret-lost", for_good=True)
        with Poster(there.url, private=self.means.private, patience=self.means.patience) as poster:
            for place, one in enumerate(readable):
                if self.stopping():
                    return True
                self._post(there, signers, poster, one, readable[place:])
                if there.failing and place == 0:
                    note_success(self.connection, there.id)
        note_success(self.connection, there.id)
        return len(each) == BATCH

    def _post(
        self,
        there: Hook,
        signers: Sequence[Webhook],
        poster: Poster,
        one: Due,
        rest: Sequence[Due],
    ) -> None:
        content = _envelope(one, self.means.source)
        try:
            status = poster.post(content.encode(), _headers(there, signers, one, content))
        except NotReached as error:
            self._fail(there, rest, error.kind)
        else:
            if not 200 <= status < 300:
                self._fail(there, rest, f"http-{status}", for_good=status == 410)
            self.settle([one], "sent")

    def _fail(
        self, there: Hook, rest: Sequence[Due], kind: str, *, for_good: bool = False
    ) -> NoReturn:
        """It waits, longer each time, and is parked at last: others are not held up by it."""
        failed = note_failure(
            self.connection, there.id, kind, park_at=0 if for_good else self.means.tries
        )
        positions = [one.position for one in rest]
        outbox.put_off(self.connection, self.receiver, positions, kind)
        raise TryLater(self.means.wait(failed))


def _letters(each: Sequence[Due]) -> list[list[Due]]:
    """What goes into one message each: a notice by itself, a digest whole."""
    digests = sorted((one for one in each if one.digest), key=lambda one: one.due_at)
    gathered = [list(letter) for _, letter in groupby(digests, lambda one: one.due_at)]
    return [*([one] for one in each if not one.digest), *gathered]


def _envelope(one: Due, source: str) -> str:
    """CloudEvents 1.0 as JSON. No words: ids, the number, and the event's name."""
    life, _, ref = one.stream.rpartition(":")
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": str(one.position),
            "source": source,
            "type": f"no.loft.{one.kind}",
            "subject": one.number or one.stream,
            "time": utc(one.recorded_at),
            "datacontenttype": "application/json",
            "data": {
                "position": one.position,
                "event": one.kind,
                "case": ref if one.number is not None else None,
                "number": one.number,
                "meeting": ref if life == "meeting" else None,
            },
        }
    ).decode()


def _headers(there: Hook, signers: Sequence[Webhook], one: Due, content: str) -> dict[str, str]:
    """The same `webhook-id` for every try: whoever has seen it leaves it."""
    now = datetime.now(UTC)
    name = f"{there.id}.{one.position}"
    return {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "User-Agent": "loft",
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signer.sign(name, now, content) for signer in signers),
    }
