"""What a story is about, in single words: fields of keywords, counted."""

from __future__ import annotations

from collections import Counter

from studio_pipeline.prose.languages import primary, words

MOST_THEMES = 4

_FIELDS: dict[str, dict[str, str]] = {
    "en": {
        "the sea": "sea ocean wave waves tide harbour harbor ship boat sail lighthouse shore storm salt fog gull",
        "home": "home house hearth kitchen door family table bread village",
        "courage": "brave courage fear afraid dare danger dared risk held stood",
        "loss": "lost gone grave died death dead mourning grief alone empty never tears wept",
        "love": "love loved heart kiss beloved dear married wedding",
        "friendship": "friend friends together companion help helped share shared promise",
        "journey": "road journey travel path walked miles far map train voyage crossed",
        "nature": "forest tree trees river mountain leaves birds wind snow rain flower garden fox",
        "growing up": "child boy girl school learn learned grew young mother father grandmother",
        "magic": "magic spell witch wizard enchanted dragon ghost wish fairy curse",
        "work": "work worked hands tools craft mill farm field repair built mend",
        "light and dark": "light lamp dark darkness shadow night candle flame lantern glow star stars",
        "discovery": "found discover discovered secret science experiment invention question machine robot planet",
        "war": "war soldier battle army sword gun enemy peace fight",
        "hope": "hope dawn morning waited wait believe promise return returned",
    },
    "hi": {
        "घर": "घर माँ मां परिवार गाँव गांव रोटी आँगन दरवाज़ा दादी",
        "साहस": "डर हिम्मत साहस बहादुर तूफ़ान तूफान",
        "दोस्ती": "दोस्त मित्र साथ मदद वादा",
        "प्रकृति": "नदी पेड़ जंगल पहाड़ बारिश हवा पक्षी फूल",
        "सफ़र": "रास्ता सफ़र यात्रा दूर सड़क चल",
        "उजाला": "रोशनी दीया दीपक अँधेरा अंधेरा रात तारे सुबह",
        "सीखना": "स्कूल किताब सीख पढ़ सवाल बच्चे",
    },
}


def find_themes(passages: list[str], language: str) -> tuple[str, ...]:
    """Up to four themes, strongest first: at least two different keywords, three hits in all."""
    fields = _FIELDS.get(primary(language), {})
    counts = Counter(word.lower() for passage in passages for word in words(passage))
    strength: dict[str, float] = {}
    for theme, listed in fields.items():
        hits = [counts[word] for word in set(listed.split()) if counts[word]]
        if len(hits) >= 2 and sum(hits) >= 3:
            strength[theme] = sum(hits) * len(hits) ** 0.5
    return tuple(sorted(strength, key=lambda theme: (-strength[theme], theme))[:MOST_THEMES])
