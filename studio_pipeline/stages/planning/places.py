"""Where a story happens: named places and plain ones (“the harbour”), each with the sentence that proves it."""

from __future__ import annotations

import re
from collections import Counter

from studio_pipeline.film.story import Entity
from studio_pipeline.prose.languages import primary, small_words, word_set
from studio_pipeline.stages.planning.evidence import proven

MOST_PLACES = 16

_PLAIN: dict[str, list[str]] = {
    language: re.split(r",\s+", names.strip())
    for language, names in {
        "en": """
            lighthouse, lantern room, lamp room, harbour, harbor, shore, beach, quay, pier, jetty, forest, woods,
            village, town, city, house, kitchen, castle, palace, road, bridge, river, mountain, mountains, market,
            school, classroom, sea, ocean, ship, boat, station, street, room, bedroom, attic, tower, cave, island,
            garden, field, fields, hill, church, cellar, cottage, hall, mill, desert, water, rock, landing,
            landing stone, coast, mainland, headland, cliff, cliffs, lake, valley, meadow, orchard, farm, barn,
            well, workshop, library, hospital, office, train, staircase, stairs, passage, corridor, tunnel,
            rabbit-hole, pool, bank, pond, stream, brook, spring, parlour, dining-room, drawing-room, sitting-room,
            bedchamber, chamber, prison, cell, camp, deck, cabin, wharf, dock, yard, churchyard, graveyard, tavern,
            café, restaurant, hotel, flat, apartment, lane, path, wood, plain, bay, marsh, vineyard, temple,
            monastery, roof, courtyard, square, tent, laboratory, spaceship, planet, hut, inn, stable, swamp, shop,
            bakery, theatre
        """,
        "hi": """
            घर, गाँव, गांव, शहर, नदी, पहाड़, जंगल, समुद्र, सड़क, बाज़ार, बाजार, मंदिर, स्कूल, कमरा, कमरे, रसोई, खेत,
            बगीचा, बगीचे, झील, घाट, छत, आँगन, आंगन, नाव, पुल, दुकान, स्टेशन, महल, गुफ़ा, गली, मैदान, कुएँ, कुआँ, मेले,
            मेला
        """,
        "zh": """
            村子, 城市, 山上, 河边, 海边, 森林, 学校, 家里, 房间, 市场, 街上, 灯塔, 寺庙, 花园, 桥上, 船上, 田野,
            湖边, 院子, 小屋, 宫殿, 酒店, 店里, 店面, 柜台, 门口, 路上, 城里, 乡下, 茶馆, 客栈, 衙门, 村里, 庙里,
            屋里, 井边, 水边, 山里, 林中, 洞里
        """,
        "ja": """
            村, 町, 山, 川, 海, 森, 学校, 家, 部屋, 市場, 灯台, 寺, 庭, 橋, 船, 駅, 湖, 城
        """,
        "de": """
            Leuchtturm, Hafen, Strand, Wald, Dorf, Stadt, Haus, Küche, Schloss, Brücke, Fluss, Berg, Markt, Schule,
            Meer, Schiff, Garten, Turm
        """,
        "fr": """
            phare, port, plage, forêt, village, ville, maison, cuisine, château, pont, rivière, montagne, marché,
            école, mer, jardin, tour
        """,
        "es": """
            faro, puerto, playa, bosque, pueblo, ciudad, casa, cocina, castillo, puente, río, montaña, mercado,
            escuela, mar, jardín, torre
        """,
        "it": """
            faro, porto, spiaggia, bosco, villaggio, città, casa, cucina, castello, ponte, fiume, montagna, mercato,
            scuola, mare, giardino
        """,
        "pt": """
            farol, porto, praia, floresta, aldeia, cidade, casa, cozinha, castelo, ponte, rio, montanha, mercado,
            escola, mar, jardim
        """,
        "ar": """
            البيت, القرية, المدينة, النهر, البحر, الجبل, الغابة, السوق, المدرسة, الشاطئ, الصحراء, الحديقة, المنارة,
            القصر
        """,
        "ru": """
            маяк, берег, лес, деревня, город, дом, кухня, замок, мост, река, гора, рынок, школа, море, сад, башня
        """,
    }.items()
}
"""What places are called that have no name."""
_ENDINGS = """
    Bay Street Road Lane River Lake Mountain Mountains Castle Island Isle Harbour Harbor Bridge Forest Wood Woods
    Valley Hill Hills Village Town City Park Square Station Point Head Rock Sea Ocean House Hall Abbey Church School
    Inn Beach Desert Palace Tower Farm Moor Bank Light Lighthouse Market Garden Gardens Cove Reef Pass Falls
"""
_ENDING = rf"(?:{'|'.join(_ENDINGS.split())})"
"""What the name of a place ends with."""
_NAMED = re.compile(rf"\b((?:[A-Z][\w’'-]+\s){{1,3}}{_ENDING}|(?:Lake|Mount|Cape|Port|Fort)\s[A-Z]\w+)\b")
_IN_NAME = re.compile(
    r"\b(?:in|at|near|into|across|outside|around|beyond|through)\s([A-Z][a-zà-ÿ]{2,}(?:\s[A-Z][a-zà-ÿ]+)?)\b"
)
_ACTS = r"(?:said|asked|whispered|cried|replied|answered|laughed|smiled|nodded|thought|told)"
_LONG_TEXT = 100
"""Passages from which on a place that is only named once is doubted."""
_SMALL = small_words("en")
_NEVER_PLACES = word_set(
    """
    January February March April May June July August September October November December Monday Tuesday Wednesday
    Thursday Friday Saturday Sunday Christmas Easter English French German God Spring Summer Autumn Winter
    """
)


def find_places(passages: list[str], language: str) -> list[Entity]:
    """Places of the story, most mentioned first, at most sixteen. The name is written as in the text."""
    code = primary(language)
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    plain = _plain_pattern(code)
    for at, passage in enumerate(passages):
        found = [name if code == "de" else name.lower() for name in plain.findall(passage)] if plain else []
        if code == "en":
            found += [name.removeprefix("The ") for name in _NAMED.findall(passage)]
            found += [
                name for name in _IN_NAME.findall(passage) if name.lower() not in _SMALL and name not in _NEVER_PLACES
            ]
        for name in found:
            counts[name] += 1
            first.setdefault(name, at)
    if code == "en":
        _drop_people(counts, passages)
        if len(passages) > _LONG_TEXT:  # “a Study in Scarlet” is no place
            once = [n for n in counts if counts[n] < 2 and n[0].isupper() and not _NAMED.search(f"{n} ")]
            for name in once:
                del counts[name]
    kept = sorted(counts, key=lambda name: (-counts[name], first[name]))[:MOST_PLACES]
    return [proven(name, counts[name], passages[first[name]]) for name in kept]


def _plain_pattern(code: str) -> re.Pattern[str] | None:
    listed = _PLAIN.get(code)
    if listed is None:
        return None
    longest_first = "|".join(sorted(listed, key=len, reverse=True))
    if code in ("zh", "ja"):
        return re.compile(f"({longest_first})")
    if code == "hi":
        return re.compile(rf"(?:(?<=\s)|^)({longest_first})(?=\s(?:में|पर|के|की|तक|से)\s)")
    if code == "en":  # a place is where something is or goes: “in the kitchen”, not “like a hill”
        return re.compile(
            r"\b(?i:in|at|on|onto|to|into|inside|outside|across|near|through|by|under|around|along|behind|beyond|"
            r"beneath|above|over|down|up)\s(?i:the|a|an|his|her|their|its|our|my|this|that)\s"
            rf"(?:[a-z][\w,-]*\s){{0,3}}?({longest_first})\b(?!\s[A-Z]|-)"
        )
    return re.compile(rf"\b({longest_first})\b", re.IGNORECASE)


def _drop_people(counts: Counter[str], passages: list[str]) -> None:
    """“Near Ines” is no place: whoever speaks or acts by name is a person."""
    names = [name for name in counts if name[0].isupper() and not re.search(rf"\b{_ENDING}$", name)]
    for name in names:
        mentions = [passage for passage in passages if name in passage]
        inside = re.compile(rf"\b(?:in|at|near|into|across|outside|around|beyond)\s{re.escape(name)}\b")
        acts = re.compile(rf"\b{re.escape(name)}\s{_ACTS}\b")
        often_inside = 2 * sum(len(inside.findall(passage)) for passage in mentions) >= len(mentions)
        if not often_inside or any(acts.search(passage) for passage in mentions):
            del counts[name]
