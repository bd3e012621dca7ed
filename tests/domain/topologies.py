"""The two real shapes that rules are held against, by the keys of their imported files."""

from domain.topology import Level, Post, Topology


def _topology(*posts: Post, **others: object) -> Topology:
    return Topology(organs={post.key: post for post in posts}, **others)


# Bærum: three levels, four youth teams, a coordination group, a board, one other place to lift to.

BOARD = "styret"
GROUP = "koordineringsgruppen"
PROGRAMME = "sammen-for-barn-og-unge"
TEAM = "vestre-13-16"
OLDER_TEAM = "vestre-16-23"
OTHER_TEAM = "ostre-13-16"
CLOSED_GROUP = "kjernegruppen"
WORKING_GROUP = "arbeidsgruppe-rusplan"
DISSOLVED_GROUP = "arbeidsgruppe-hap"

OUTREACH = "utekontakt"
CLUBS = "fritidsklubber"
MERGED_SERVICE = "ungdom-og-fritid"


def _team(key: str) -> Post:
    return Post(key=key, level=Level.EXECUTING, parent=GROUP, lifts_to=(GROUP, PROGRAMME))


BAERUM = _topology(
    Post(key=BOARD, level=Level.STEERING),
    Post(key=GROUP, level=Level.COORDINATING, parent=BOARD, lifts_to=(BOARD,)),
    _team(TEAM),
    _team(OLDER_TEAM),
    _team(OTHER_TEAM),
    _team("ostre-16-23"),
    Post(key=PROGRAMME, level=Level.COORDINATING),
    Post(key=CLOSED_GROUP, level=Level.EXECUTING),
    Post(key=WORKING_GROUP, level=Level.EXECUTING, parent=GROUP),
    Post(key=DISSOLVED_GROUP, level=Level.EXECUTING, parent=GROUP, dissolved=True),
    services={OUTREACH: None, CLUBS: None, MERGED_SERVICE: CLUBS},
    focus_areas=frozenset({"rus", "vold"}),
)


# Bergen: a central police council, four local ones, other arenas below them, no youth teams.

CENTRAL = "sentralt-politirad"
CITY = "politirad-sentrum"
NORTH = "politirad-nord"
FOCUS = "fokus-unge-i-sentrum"
CLOSED_FOCUS = "fokus-aktive-unge"
RUSS = "fokus-russen"
CONTACTS = "politikontakter"


def _local(key: str) -> Post:
    return Post(key=key, level=Level.COORDINATING, parent=CENTRAL, lifts_to=(CENTRAL,))


def _arena(key: str, above: str) -> Post:
    return Post(key=key, level=Level.EXECUTING, parent=above, lifts_to=(above,))


BERGEN = _topology(
    Post(key=CENTRAL, level=Level.STEERING),
    _local(NORTH),
    _local(CITY),
    _local("politirad-vest"),
    _local("politirad-sor"),
    Post(key=CONTACTS, level=Level.EXECUTING),
    _arena(CLOSED_FOCUS, CITY),
    _arena(FOCUS, CITY),
    _arena("fokus-institusjoner", CITY),
    _arena(RUSS, CENTRAL),
    _arena("apne-russcener", CITY),
    _arena("beredskap", CENTRAL),
    _arena("trygt-uteliv", CITY),
    services={OUTREACH: None},
)
