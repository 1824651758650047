"""Stories for tests: four in the public domain, in four scripts, and a novel as long as wanted.

*The Gift of the Magi* (O. Henry, 1905, abridged), *Eidgah* (Premchand, 1933, abridged), *Kong Yiji* (Lu Xun, 1919,
abridged) and *The Lion and the Hare* (from Ibn al-Muqaffa's *Kalila wa-Dimna*, 8th century). Their authors died in
1910, 1936, 1936 and about 757.
"""

from __future__ import annotations

import random
from pathlib import Path

_FOLDER = Path(__file__).parent / "stories"
STORIES: dict[str, str] = {
    name: (_FOLDER / f"{file}.txt").read_text(encoding="utf-8")
    for name, file in {"en": "magi", "hi": "eidgah", "zh": "kong_yiji", "ar": "lion_and_hare"}.items()
}
"""By language."""

PEOPLE = ("Mr. Utterson", "Dr. Lanyon", "Poole", "Mary Ware", "Old Nan")


def novel(words: int = 60_000, *, chapters: int = 40, seed: int = 0) -> str:
    """A novel of so many words, the same every time: short chapters, one of a quarter of the book, pauses in it, and
    its people in every chapter."""
    draw = random.Random(seed)
    pool = [line for line in STORIES["en"].split("\n\n")[1:] if line != "* * *"]
    lengths = [
        words // 4 if number == chapters // 2 else words * 3 // 4 // (chapters - 1) for number in range(chapters)
    ]
    found = ["A NOVEL"]
    for number, length in enumerate(lengths, 1):
        found.append(f"CHAPTER {number}. {PEOPLE[number % len(PEOPLE)]}")
        said = 0
        while said < length:
            who = draw.choice(PEOPLE)
            paragraph = f"{who} came to the house by the harbour on day {draw.randrange(999)}. {draw.choice(pool)}"
            found.append(paragraph)
            said += len(paragraph.split())
            if draw.random() < 0.05:
                found.append("* * *")
    return "\n\n".join(found)
