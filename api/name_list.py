"""The project's own list of names: what the gate knows where Apertium is not installed."""

from domain.names import Reading, Readings


def _words(written: str) -> frozenset[str]:
    return frozenset(written.split())


GIVEN = _words(
    """
    Abdi Abdullah Adam Adrian Agnes Ahmed Aisha Aksel Albert Alexander Alf Ali Alma Amalie
    Amanda Amina Amir Amira Anders Andrea Andreas Anette Anita Ann Anna Anne Anton Arne Arvid
    Asbjørn Astrid August Aurora Axel Ayan Ayla Benedikte Benjamin Bente Berit Birgit Birgitte
    Bjarne Bjørg Bjørn Brage Camilla Carina Caroline Casper Cathrine Cecilie Celine Charlotte
    Christian Christina Christine Christoffer Dag Dagny Daniel David Dina Dorthe Ebba Edvard
    Edvin Egil Einar Eirik Eivind Elena Elias Elin Eline Elisabeth Elise Ella Ellen Elling
    Ellinor Elsa Else Embla Emil Emilia Emilie Emily Emma Endre Erik Erika Erlend Espen Esther
    Eva Even Fatima Felix Filip Finn Fredrik Freya Frida Frode Gabriel Geir Georg Gerd Gina
    Grete Gro Gudrun Gunn Gunnar Gunnhild Gunvor Guro Gustav Guttorm Hanna Hannah Hanne Hans
    Harald Harriet Hassan Hedda Hedvig Hege Heidi Helene Helga Helge Hen Henning Henny Henriette
    Henrik Herman Hilde Hussein Håkon Håvard Ibrahim Ida Idar Idun Inga Inge Ingeborg Ingebrigt
    Inger Ingrid Ingunn Ingvild Isabella Isak Ivar Iver Jakob Jan Janne Jarle Jenny Jens Jesper
    Joachim Joakim Johan Johanna Johanne Johannes John Jon Jonas Jonathan Jorunn Josefine Julia
    Julian Julie Jørgen Jørn Kaia Kamilla Karen Kari Karianne Karin Karina Karl Karoline Kasper
    Katarina Kathrine Katrine Kenneth Ketil Khadija Kine Kirsten Kjartan Kjell Kjersti Kjetil
    Knut Konrad Kristian Kristin Kristina Kristine Kristoffer Kåre Lars Lasse Laura Leah Leif
    Lena Leo Leon Leona Liam Lilly Linda Line Linn Linnea Lisa Lise Liv Live Loke Lotte Lucas
    Ludvig Lukas Madeleine Mads Magne Magnhild Magnus Maia Maja Malene Malin Marcus Maren
    Margrethe Mari Maria Mariam Marianne Marie Marit Marita Marius Markus Marta Marte Martha
    Marthe Martin Martine Maryam Mathea Matheo Mathias Mathilde Matias Maud Maya Mia Michael
    Michelle Mikael Mikkel Milla Mille Millie Mina Mohamed Mohammad Mohammed Mona Monica Monika
    Morten Muhammad Mustafa Natalie Nathalie Nicolai Niklas Nikolai Nils Nina Noah Noor Nora Oda
    Odd Oddvar Ola Olaf Olai Olav Ole Oliver Olivia Omar Oskar Othilie Ottar Otto Patrick Paul
    Paulina Peder Per Pernille Peter Petra Petter Philip Pål Ragnar Ragnhild Randi Rebecca
    Rebekka Reidar Reidun Renate Rikke Rita Robert Roger Rolf Ronja Runar Rune Ruth Ryan Sahra
    Salma Samuel Sander Sandra Sanna Sara Sarah Sebastian Selma Sigbjørn Signe Sigrid Sigurd
    Sigve Silje Simen Simon Sindre Siri Siv Sofia Sofie Solveig Solvor Sondre Sonja Stein
    Steinar Stella Stian Stig Stine Sunniva Susanne Svein Sverre Synne Synnøve Syver Sølvi Terje
    Thale Thea Theo Theodor Theresa Therese Thomas Thor Thorbjørn Tina Tine Tiril Tobias Tom
    Tone Tonje Tor Torbjørn Tore Torgeir Tormod Torstein Torunn Tove Trine Trond Trude Truls
    Trygve Turid Tuva Ulrik Ulrikke Une Unni Vebjørn Vegard Vera Veronica Vetle Victoria Vida
    Vidar Viktor Vilde Vilja Viljar Vilma Wenche William Wilma Yasmin Yngve Yngvild Younes Yusuf
    Zahra Zainab Zara Åge Åse Åshild Åsmund Øivind Ørjan Øystein Øyvind
    """
)
SURNAMES = _words(
    """
    Aamodt Aas Aasen Abdi Abrahamsen Ahmad Ahmed Ali Amundsen Andersen Andreassen Antonsen
    Arnesen Aune Bakke Bakken Berge Berntsen Birkeland Bjerke Bråten Bøe Christensen
    Christiansen Christophersen Dahl Dahle Danielsen Edvardsen Eide Eilertsen Eliassen Ellingsen
    Engen Eriksen Evensen Farah Fredriksen Gulbrandsen Gundersen Gustavsen Haga Hagen Halvorsen
    Hamre Hansen Hanssen Hassan Haugen Haugland Helgesen Helland Henriksen Hermansen Holm Holmen
    Hussain Hussein Håkonsen Isaksen Iversen Jacobsen Jakobsen Jansen Jensen Jenssen Johannessen
    Johansen Johnsen Jonassen Jørgensen Karlsen Khan Knudsen Knutsen Kristensen Kristiansen
    Kristoffersen Kvam Larsen Lie Lien Lorentzen Lund Lunde Madsen Magnussen Martinsen Mathisen
    Mikalsen Mikkelsen Moe Moen Mohamed Mohammed Mortensen Myhre Myklebust Nguyen Nielsen
    Nikolaisen Nilsen Nordmann Nygård Næss Olaussen Olsen Paulsen Pedersen Pettersen Pham
    Rasmussen Ruud Rønning Samuelsen Sandvik Simonsen Sivertsen Solberg Solheim Solvang Stokke
    Strand Strøm Sunde Svendsen Syversen Sæther Sørensen Tangen Thomassen Thorsen Tran Tveit
    Ulriksen Vik Vold Warsame Wilhelmsen Ødegaard Ødegård Øien
    """
)
_ALSO_WORDS = _words(
    """
    Adam Aksel Ali Alma Ann August Aurora Ayan Bjørn Brage Dag Dina Ella Elling Else Embla Eva
    Even Finn Frode Gina Gro Gry Hans Heidi Hen Inga Inge Ivar Iver Jan Jarle Kai Kåre Lasse
    Leah Lena Leo Lilly Line Lise Liv Live Loke Lotte Mai Maja Maren Mari Mille Mina Mona Nina
    Noor Odd Ola Per Rita Robin Roger Rune Sander Sanna Simen Siv Sol Stein Stella Stig Thor Tom
    Tone Tor Tore Trond Tuva Une Vera Vida Vilja
    Endre Kaia Tine Viljar
    Nordmann Tran Strand Strøm Bakke Bakken Haugen Hagen Holmen Vold Sunde
    """
)
_WORDS_IN_SMALL = _words(
    """
    Anna Arne Helene Helge Karen Knut Linn Rikke Signe Sindre Sondre Svein Tove Trine Vilde
    """
)
"""Words in small letters (*noko anna*), that no sentence begins with."""
COMMON = frozenset(name.lower() for name in GIVEN - _ALSO_WORDS - _WORDS_IN_SMALL if len(name) > 2)
"""Names in small letters that are no words."""
_ALSO_PLACES = _words(
    """
    Aas Aasen Adrian Bakke Bakken Berge Birkeland Bjerke Bråten Dahl Dahle Eide Engen Haga Hagen
    Hamre Haugen Haugland Helland Holm Holmen Kvam Lie Lien Lund Lunde Moe Moen Myhre Myklebust
    Nygård Næss Ruud Sandvik Solberg Solheim Solvang Stokke Strand Strøm Sunde Tangen Tveit Vega
    Victoria Vik Vold Ødegård Øien
    """
)


SURE = (GIVEN | SURNAMES) - _ALSO_WORDS - _ALSO_PLACES
"""Names that are hardly ever anything else, whatever a dictionary has room for."""


def readings(words: frozenset[str]) -> Readings:
    """What the words on the list can be. It knows few common words, and few places."""
    return {word: read for word in words if (read := _of(word))}


def _of(word: str) -> frozenset[Reading]:
    found = {
        Reading.GIVEN: word in GIVEN,
        Reading.SURNAME: word in SURNAMES,
        Reading.PLACE: word in _ALSO_PLACES,
        Reading.WORD: word.islower() and word.capitalize() in _ALSO_WORDS,
    }
    return frozenset(reading for reading, is_so in found.items() if is_so)
