"""What a language model of the fake vendor says, where something better is known than the smallest answer.

What lives here: the content of answers, made from the material of the prompt and nothing else, the same each time.
What does not: their form on the line, tokens and bills (``shapes/``). A schema is known by its fields, as a model knows
it; a question that nobody here knows gets the smallest answer that fits.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from studio_pipeline.fake_vendor.material import between, number_after, table_with

Answer = dict[str, Any]

_SENTENCE = re.compile(r"[^.!?。！？।]+[.!?。！？।]+[”’\"»」』)]*\s*")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}(?: [A-Z][a-z]+)?")
_MOODS = ("calm", "wonder", "tension", "joy", "sorrow", "resolve")
_COLOURS = ("#1d3557", "#7a2e2e", "#2f6b4f", "#b5852b", "#5b4b8a", "#31708f", "#8a5a44", "#4d4d57")
_LOOKS = ("tall, grey braid, long blue coat", "small, red scarf, jacket too large", "broad, knitted jersey, flat cap")


def answer_for(schema: dict[str, Any], prompt_text: str) -> str | None:
    """The text of an answer that fits ``schema``; ``None`` for the smallest instance of it."""
    fields = frozenset(schema.get("properties", {}))
    for known, say in _KNOWN.items():
        if known <= fields:
            return json.dumps(say(prompt_text), ensure_ascii=False)
    return None


# The story


def _chapter(prompt: str) -> Answer:
    text = between(prompt, "story")
    told = [one.strip() for one in _SENTENCE.findall(text)] or [text[:200]]
    return {
        "summary": " ".join(told[:: max(1, len(told) // 6)])[:1200],
        "characters": [
            {"name": name, "quote": quote, "what": "Somebody in the story.", "narrator": False}
            for name, quote in _named(told)
        ],
        "places": [],
        "themes": ["change"],
        "language": _language(text),
    }


def _named(told: list[str]) -> Iterator[tuple[str, str]]:
    """Up to four names that stand inside of sentences, with words that they stand in."""
    seen: set[str] = set()
    for sentence in told:
        for match in _NAME.finditer(sentence):
            if match[0] not in seen and len(seen) < 4:
                seen.add(match[0])
                start = max(0, match.start() - 60)
                yield match[0], sentence[start : match.end() + 60].split("\n")[-1].strip()


def _language(text: str) -> str:
    for code, letters in (("hi", "ऀ-ॿ"), ("ja", "ぁ-ヿ"), ("zh", "一-鿿"), ("ar", "؀-ۿ"), ("ru", "Ѐ-ӿ")):
        if re.search(f"[{letters}]", text[:2000]):
            return code
    return "en"


def _merged(prompt: str) -> Answer:
    told = table_with(prompt, "what_happens")
    people = [row["name"] for row in table_with(prompt, "name", "mentions", "what")][:6]
    return {
        "digest": " ".join(str(row["what_happens"]) for row in told)[:2000],
        "characters": [{"name": str(name), "also_called": [], "what": "Somebody in the story."} for name in people],
        "places": [],
        "themes": ["change"],
        "tone": "plain",
    }


# Planning and writing


def _strategies(prompt: str) -> Answer:
    groups = table_with(prompt, "tiers", "all_can_finish")
    offered = {str(row["tier"]): row for row in table_with(prompt, "tier", "picture")}
    chosen = re.findall(r"[a-z_]+", str(groups[0]["tiers"]).replace(" and ", " ")) if groups else list(offered)[:2]
    return {
        "strategies": [
            {
                "tier": tier,
                "look": f"{_LIGHTS[at % 3]}, seen from {_SIDES[at % 3]}",
                "pace": _PACES[at % 3],
                "risk": _RISKS[at % 3],
                "why": f"{tier} shows this story in its own way.",
                "weight": 5 + at,
            }
            for at, tier in enumerate(chosen)
        ],
        "left_out": "" if len(chosen) == len(offered) else "The others cost more than they would bring.",
    }


_LIGHTS = ("Warm lamplight and long shadows", "Cold noon, hard edges", "Pale morning fog")
_SIDES = ("far away", "right beside the people", "above")
_PACES = ("Slow; shots rest before they cut.", "Brisk, many short shots.", "Even, with one long silence.")
_RISKS = ("Faces may change.", "Stills may feel dead.", "Crowds may melt.")


def _script(prompt: str) -> Answer:
    count = number_after(prompt, "Scenes:", 12)
    own = between(prompt, "story") or between(prompt, "idea") or between(prompt, "title")
    language = (re.findall(r"Language of the film: ([a-zA-Z-]+)", prompt) or ["en"])[-1]
    room = number_after(prompt, ", so about", 8)
    told = [part.strip() for part in _SENTENCE.findall(own)] or [own.strip()]
    people = [str(row["name"]) for row in table_with(prompt, "name", "mentions", "evidence")][:3]
    scenes = []
    for at in range(count):
        line = _fitted(told[at * len(told) // count], room, spaced=language not in ("zh", "ja"))
        present = [name for name in people if name in line] or people[:1]
        scenes.append(
            {
                "heading": f"{at + 1}. {line[:30]}".strip(),
                "place": ("the shore", "the tower", "the village")[at * 3 // count],
                "narration": line,
                "direction": f"Something changes in the light; {' and '.join(present) or 'the wind'} in the picture.",
                "prompt_hints": ["evening"],
                "characters": present,
                "mood": _MOODS[at % len(_MOODS)],
                "beat": None,
                "continuity": "",
            }
        )
    return {
        "logline": told[0][:200],
        "look": "weathered wood and salt, low sun",
        "palette": ["#14213d", "#5f7470", "#e5c185"],
        "characters": [
            {"name": name, "look": _LOOKS[at % 3], "colour": _COLOURS[at]}
            for at, name in enumerate(people)
            if any(name in scene["characters"] for scene in scenes)
        ],
        "scenes": scenes,
    }


def _fitted(sentence: str, most: int, *, spaced: bool) -> str:
    """The sentence, cut to so many words (or characters, where words are not spaced)."""
    words = sentence.split() if spaced else list(sentence)
    if len(words) <= most:
        return sentence
    return (" " if spaced else "").join(words[:most]).rstrip(",;:— ") + "."


# Shooting

_FRAMINGS = ("wide", "close", "medium", "insert")
_MOVES = ("drift", "push_in", "hold", "pull_out")


def _shots(prompt: str) -> Answer:
    count = number_after(prompt, "Break it into", 1)
    cast = [name.strip() for name in between(prompt, "characters").split(",") if name.strip()]
    seen = (between(prompt, "direction") or "Light moves over the water.").split(".")[0]
    return {
        "shots": [
            {
                "framing": _FRAMINGS[at % 4],
                "move": _MOVES[at % 4],
                "action": f"{seen}, {('far away', 'near the lamp', 'at the window', 'on the table')[at % 4]}.",
                "characters": cast[:1] if _FRAMINGS[at % 4] in ("close", "medium") else [],
                "weight": 1.0,
                "continuity": "",
            }
            for at in range(count)
        ]
    }


def _enhanced(prompt: str) -> Answer:
    return {
        "prompts": [
            {
                "shot": int(row["shot"]),
                "prompt": f"{str(row['planned'])[: int(row['room']) - 40]} Light glides over it.",
            }
            for row in table_with(prompt, "shot", "planned", "room")
        ]
    }


def _refined(prompt: str) -> Answer:
    planned = between(prompt, "planned")[: max(0, number_after(prompt, "in at most", 400) - 60)]
    return {"prompt": f"{planned} The subject stands out clearly."}


def _choice(prompt: str) -> Answer:
    return {
        "best": max((int(row["wording"]) for row in table_with(prompt, "wording", "shot")), default=1),
        "why": "Clear.",
    }


_SPOKEN = {
    "ar": "كان البحر هادئا في تلك الليلة ثم عاد الضوء من بعيد وعرف الجميع الطريق إلى البيت",
    "de": "das Meer war still in dieser Nacht und dann kam das Licht von weit her zurück nach Hause",
    "en": "the sea was quiet that night and then the light came back from far away to lead them home",
    "es": "el mar estaba en calma esa noche y luego la luz volvió desde muy lejos para llevarlos a casa",
    "fr": "la mer était calme cette nuit et puis la lumière est revenue de très loin pour les ramener",
    "hi": "उस रात समुद्र शांत था और फिर दूर से रोशनी लौट आई जिसने सब को घर का रास्ता दिखाया",
    "it": "il mare era calmo quella notte e poi la luce è tornata da molto lontano per portarli a casa",
    "ja": "そのよるうみはしずかでとおくからひかりがもどりみんなをいえへみちびいた",
    "ko": "그날 밤 바다는 고요했고 멀리서 빛이 돌아와 모두를 집으로 이끌었다",
    "pt": "o mar estava calmo naquela noite e depois a luz voltou de muito longe para os levar para casa",
    "ru": "море было тихим в ту ночь и потом свет вернулся издалека чтобы привести их домой",
    "zh": "那天夜里海很安静后来远处的灯光回来了大家都找到了回家的路",
}
"""A few words that can be said of anything, by language."""


def _dubbed(prompt: str) -> Answer:
    """Words in the language that is asked for, as many as are, with the names of the narration where it is written in
    the same script."""
    language = (re.findall(r"into ([a-z]{2,3})", prompt) or ["en"])[-1]
    told = between(prompt, "narration")
    spaced = language not in ("zh", "ja")
    stock = _SPOKEN.get(language, "mola tiru vesan koli dua remi santo belu nara pilo")
    words = stock.split() if spaced else list(stock)
    names = [str(row["name"]) for row in table_with(prompt, "name", "look") if str(row["name"]) in told]
    if not stock[0].isascii():
        names = []
    source = len(told.split()) * (1 if spaced else 2)
    count = max(1, min(number_after(prompt, "s: about", 8), source) - len(names))
    start = hashlib.sha256(told.encode()).digest()[0] % len(words)
    said = [*names, *((words * (count // len(words) + 2))[start : start + count])]
    line = (" " if spaced else "").join(said)
    return {"text": line[:1].upper() + line[1:] + {"zh": "。", "ja": "。", "hi": "।"}.get(language, ".")}


# Reviewing


def _judgement(prompt: str) -> Answer:
    takes = table_with(prompt, "shot", "take")
    return {"shots": [_judged(row) for row in takes], "continuity": []}


def _judged(row: Answer) -> Answer:
    rating = 62 + hashlib.sha256(json.dumps(row, sort_keys=True).encode()).digest()[0] % 34
    wrong = {
        "code": "unclear",
        "severity": "warning" if rating < 70 else "note",
        "message": "The subject is hard to find; bring it nearer.",
        "first_frame": None,
        "last_frame": None,
    }
    return {
        "shot": int(row["shot"]),
        "take": int(row["take"]),
        "what_is_seen": "A picture that moves.",
        "issues": [wrong],
        "rating": rating,
    }


def _verdict(prompt: str) -> Answer:
    choices = table_with(prompt, "vote", "share_pct")
    first = choices[0] if choices else {"vote": "continue", "share_pct": None}
    tie = len(choices) > 1
    return {
        "gap": "The pictures are there; what is still missing is a face to stay with.",
        "strengths": ["The light is of one piece."],
        "changes": [{"scene": 1, "shot": None, "note": "Begin closer, on a hand or a face."}],
        "vote": first["vote"],
        "share_pct": first["share_pct"] if tie else None,
        "reason": "It tells the story, and what is weak can be made again.",
    }


def _cuts(prompt: str) -> Answer:
    asked, rules = table_with(prompt, "name", "at_most"), table_with(prompt, "left_out", "joints")
    planned = {str(row["name"]): row for row in rules}
    cuts = [_cut(row, planned.get(str(row["name"]), {})) for row in asked]
    return {"cuts": cuts, "recommended": cuts[0]["name"] if cuts else "", "why": "It is the story that was asked for."}


def _cut(asked: Answer, by_rules: Answer) -> Answer:
    gone = _numbers(by_rules.get("left_out", ""))
    return {
        "name": str(asked["name"]),
        "keep": [number for number in _numbers(asked["scenes"]) if number not in gone],
        "joints": str(by_rules.get("joints", "soft")),
        "sells": f"The {asked['name']} way to tell it",
        "rationale": "What carries the story stays.",
    }


def _numbers(listed: Any) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(listed))]


_KNOWN: dict[frozenset[str], Callable[[str], Answer]] = {
    frozenset({"summary", "characters", "places", "language"}): _chapter,
    frozenset({"digest", "characters", "tone"}): _merged,
    frozenset({"strategies", "left_out"}): _strategies,
    frozenset({"logline", "palette", "scenes"}): _script,
    frozenset({"shots", "continuity"}): _judgement,
    frozenset({"cuts", "recommended"}): _cuts,
    frozenset({"gap", "changes", "vote"}): _verdict,
    frozenset({"shots"}): _shots,
    frozenset({"prompts"}): _enhanced,
    frozenset({"prompt"}): _refined,
    frozenset({"best", "why"}): _choice,
    frozenset({"text"}): _dubbed,
}
