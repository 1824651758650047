"""Which kind of place a board names, and its hour and weather, read from its words.

Only the words; what such a place looks like is in ``scenery``. Words nobody listed get a landscape chosen by the
place's name, the same each time.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from studio_pipeline.film.shots import Board

Kind: TypeAlias = Literal[
    "coast", "sea", "forest", "city", "room", "mountain", "road", "desert", "space", "village", "hills"
]

# Stems, so that plurals and most inflections are found. The first kind with the most hits in the place wins.
_WORDS: dict[Kind, str] = {
    "coast": "lighthouse cliff shore beach coast harbour harbor pier headland island isle bay cove reef quay jetty "
    "gull landing mainland tower "
    "दीपस्तंभ तट 灯台 海岸 岬 المنارة منارة شاطئ leuchtturm küste phare côte faro costa маяк берег",
    "sea": "sea ocean boat ship sail wave water lake river deck raft storm समुद्र नाव सागर नदी 海 船 湖 川 بحر سفينة نهر "
    "meer schiff fluss mer bateau mar barco río море корабль река",
    "forest": "forest wood tree grove jungle garden orchard park clearing जंगल वन पेड़ 森 林 庭 غابة حديقة شجر "
    "wald garten forêt jardin bosque jardín лес сад",
    "city": "city street town alley roof skyline market station square downtown neon bridge rooftop subway "
    "शहर गली बाज़ार 街 都市 町 駅 مدينة شارع سوق stadt straße ville rue ciudad calle город улица",
    "room": "room house kitchen bedroom hall library attic office cabin interior inside lab studio shop school stair "
    "workshop cellar bakery museum temple classroom bed table window कमरा घर रसोई पुस्तकालय 部屋 家 台所 図書館 غرفة بيت "
    "مطبخ مكتبة zimmer küche chambre cuisine habitación cocina комната дом кухня",
    "mountain": "mountain peak summit ridge hill valley glacier cave snow canyon पहाड़ पर्वत घाटी 山 谷 峰 جبل وادي berg "
    "tal montagne vallée montaña valle гора долина",
    "road": "road path highway lane track trail route train car bus journey सड़क रास्ता 道 طريق weg strasse route camino "
    "дорога путь",
    "desert": "desert dune sand mesa oasis ruin रेगिस्तान 砂漠 صحراء wüste désert desierto пустыня",
    "space": "space planet moon star orbit galaxy mars rocket spaceship asteroid cosmos अंतरिक्ष 宇宙 惑星 فضاء weltraum "
    "espace espacio космос",
    "village": "village farm cottage barn meadow field farmhouse windmill गाँव खेत 村 畑 قرية حقل dorf feld champ "
    "pueblo campo деревня поле",
}
_NIGHT = (
    "night midnight darkness dusk moonlit moonlight starlit nightfall रात अँधेरा अंधेरे 夜 闇 ليل ظلام nacht nuit noche ночь"
)
_STORM = "storm rain thunder fog mist grey gale तूफ़ान बारिश 嵐 雨 عاصفة مطر sturm regen orage pluie tormenta буря дождь"
_SNOW = "snow winter ice blizzard frost बर्फ 雪 冬 ثلج schnee neige nieve снег"
_UNKNOWN: tuple[Kind, ...] = ("hills", "mountain", "road", "hills", "village", "forest")


@dataclass(frozen=True)
class Place:
    kind: Kind
    night: bool
    storm: bool
    snow: bool

    @property
    def built(self) -> bool:
        """Whether walls, not ground, fill most of the picture."""
        return self.kind in ("room", "city")

    @property
    def inside(self) -> bool:
        return self.kind == "room"


def place_of(board: Board) -> Place:
    """The place of ``board``: by its place first, by its heading and action where the place says nothing."""
    everything = " ".join((board.place, board.heading, board.action))
    kind = _kind(board.place) or _kind(f"{board.heading} {board.action}") or _fallback(board.place or board.heading)
    return Place(
        kind=kind,
        night=kind == "space" or _hits(everything, _NIGHT) > 0,
        storm=_hits(everything, _STORM) > 0,
        snow=_hits(everything, _SNOW) > 0,
    )


def _kind(text: str) -> Kind | None:
    found: Kind | None = None
    most = 0
    for kind, words in _WORDS.items():
        hits = _hits(text, words)
        if hits > most:
            found, most = kind, hits
    return found


def _hits(text: str, stems: str) -> int:
    """How many stems begin a word of ``text``; scripts written without spaces are searched anywhere."""
    words = re.findall(r"\w[\w\u0900-\u097f]*", text.lower())
    return sum(
        any(
            word == stem or (len(stem) > 3 and word.startswith(stem)) or word in (f"{stem}s", f"ال{stem}")
            for word in words
        )
        or (ord(stem[0]) > 0x3000 and stem in text)
        for stem in stems.split()
    )


def _fallback(text: str) -> Kind:
    return _UNKNOWN[hashlib.sha256(text.encode()).digest()[0] % len(_UNKNOWN)]
