"""The municipality's structure, kept at hand and brought up to date from the ledger."""

import re
import unicodedata
from threading import Lock

from domain.entries import EntryWithdrawn, TextErased
from domain.errors import ServiceUnknown
from domain.event import Event
from domain.lives import survey
from domain.municipality import MunicipalityRegistered, PolicySet
from domain.organ import OrganConstituted, OrganRenamed
from domain.person import PersonRegistered
from domain.plan import FocusAreaRenamed, FocusAreaSet
from domain.policy import SHIPPED, InForce, Policy
from domain.roster import Roster
from domain.service import ServiceRegistered, ServiceRenamed
from domain.text import Text
from domain.topology import Topology
from ledger.recorder import Recorder
from ledger.stored import EventMapper
from ledger.texts import words_of


class Structure:
    """The topology that rules read, the roster that rights are judged by, and the names by which
    people know the parts, and each other.

    `position` is that of the last structural event in it. A command that was decided on an older
    structure is refused by the ledger, so what is kept here may lag but never misleads.
    """

    def __init__(self, recorder: Recorder, mapper: EventMapper) -> None:
        self._recorder = recorder
        self._mapper = mapper
        self._lock = Lock()
        self.topology = Topology()
        self.roster = Roster()
        self.position = 0
        self.names: dict[str, str] = {}
        """Names by stream (`organ:…`, `service:…`, `municipality`) and `focus-area:KEY`."""
        self._texts: dict[str, str] = {}
        """The ids of the texts that the names are."""
        self.persons: dict[str, Text] = {}
        """What people are called, by their ids; whether the words still stand is asked of them."""
        self.policies: tuple[tuple[int, InForce], ...] = ()
        """Each policy that was set, and at which position."""

    def refresh(self) -> None:
        """Take in what has happened to the structure since."""
        with self._lock:
            topology, roster = self.topology, self.roster
            names, gone = dict[str, Text](), set[str]()
            policies, persons = self.policies, dict[str, Text]()
            entries = self._recorder.structure(self.position)
            for entry in entries:
                event = self._mapper.to_domain_event(entry)
                topology, roster = survey(topology, event), roster.enrolled(event)
                names |= _named(event)
                gone = (gone - _named(event).keys()) | _gone(event)
                persons |= _called(event)
                if isinstance(event, PolicySet):
                    policies = (*policies, (entry.id, _in_force(event)))
            self._rename(names, gone)
            self.topology, self.roster = topology, roster
            self.policies = policies
            self.persons = {**self.persons, **persons} if persons else self.persons
            if entries:
                self.position = entries[-1].id

    def _rename(self, names: dict[str, Text], gone: set[str]) -> None:
        """Take in new *names*, without those that are *gone*: the ids of texts that were erased,
        and what has been withdrawn, by what it is named under."""
        if not names and not gone:
            return
        words = words_of(self._recorder.database, names.values())
        self._texts |= {key: text.id for key, text in names.items()}
        called = {**self.names, **{k: words.get(t.id, "") for k, t in names.items()}}
        self.names = {
            key: "" if self._texts[key] in gone else name
            for key, name in called.items()
            if key not in gone
        }

    def roster_at(self, position: int) -> Roster:
        """The roster as it was at *position*, read from the ledger."""
        roster = Roster()
        for entry in self._recorder.structure(0):
            if entry.id > position:
                break
            roster = roster.enrolled(self._mapper.to_domain_event(entry))
        return roster

    def topology_at(self, position: int) -> Topology:
        """The topology as it was at *position*, read from the ledger."""
        topology = Topology()
        for entry in self._recorder.structure(0):
            if entry.id > position:
                break
            topology = survey(topology, self._mapper.to_domain_event(entry))
        return topology

    @property
    def policy(self) -> Policy:
        """The policy on deadlines that holds now."""
        return self.policy_at(None)[1].policy

    def policy_at(self, position: int | None) -> tuple[int | None, InForce]:
        """The policy that held at *position* (None: now), and where it was set; None where it is
        the shipped one."""
        for at, in_force in reversed(self.policies):
            if position is None or at <= position:
                return at, in_force
        return None, SHIPPED

    def service(self, name: str) -> str:
        """The key of the service or organ that goes by this name, slug or key."""
        if name in self.topology.services or name in self.topology.organs:
            return name
        found = self.service_named(name)
        if found is None:
            raise ServiceUnknown
        return found

    def service_named(self, name: str) -> str | None:
        """The key of the service whose name has the same slug, if there is one."""
        wanted = slug(name) or name.casefold()
        for stream, known in self.names.items():
            if stream.startswith("service:") and (slug(known) or known.casefold()) == wanted:
                return stream.removeprefix("service:")
        return None

    def place(self, name: str) -> str:
        """The key of a service by its name, else what was given: the topology judges it."""
        return self.service_named(name) or name

    def name_of(self, key: str | None) -> str | None:
        """The name of a service, or the key of an organ."""
        if key is None or key in self.topology.organs:
            return key
        return self.names.get(f"service:{key}") or key


_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "đ": "d", "ŋ": "n", "ŧ": "t"})


def slug(name: str) -> str:
    """*name* in lower-case ASCII letters, digits and hyphens: æ, ø and å become ae, o and a."""
    folded = name.lower().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _gone(event: Event) -> set[str]:
    match event:
        case TextErased(text_id=text_id):
            return {text_id}
        case EntryWithdrawn(focus_area=str(key)):
            return {f"focus-area:{key}"}
        case _:
            return set()


def _named(event: Event) -> dict[str, Text]:
    match event:
        case FocusAreaSet() | FocusAreaRenamed():
            return {f"focus-area:{event.key}": event.name}
        case (
            OrganConstituted() | OrganRenamed() | ServiceRegistered() | ServiceRenamed()
            | MunicipalityRegistered()
        ):  # fmt: skip
            return {event.originator_id: event.name}
        case _:
            return {}


def _called(event: Event) -> dict[str, Text]:
    match event:
        case PersonRegistered(name=Text() as name):
            return {event.person: name}
        case _:
            return {}


def _in_force(event: PolicySet) -> InForce:
    return InForce(version=event.policy_version, policy=event.policy)
