"""Objects for inserts: what the action's words name, one unit tall and centred on 0, standing on y 0.5."""

from __future__ import annotations

from studio_pipeline.film.shots import Board
from studio_pipeline.providers.image.drawing.shapes import Shape, ellipse, mirrored, smooth

_NAMES = {
    "lantern": "lamp lantern light candle torch lighthouse flame बत्ती लालटेन दीप 灯 ランプ مصباح ضوء",
    "letter": "letter note envelope message paper map telegram photograph चिट्ठी पत्र 手紙 紙 رسالة ورقة",
    "book": "book diary journal logbook story page किताब 本 日記 كتاب",
    "key": "key lock door gate चाबी 鍵 مفتاح",
    "clock": "clock watch time hour minute late घड़ी 時計 ساعة",
    "cup": "cup tea coffee mug bowl glass kettle bread प्याला चाय 茶 كوب شاي",
    "flower": "flower rose seed plant leaf garden bloom फूल 花 زهرة",
}


def prop_of(board: Board) -> str:
    """The name of the object ``board`` is about; a lantern, the studio's own sign, when its words name none."""
    words = f"{board.action} {board.heading}".lower()
    found = {
        name: min((words.find(stem) for stem in stems.split() if stem in words), default=-1)
        for name, stems in _NAMES.items()
    }
    named = {name: at for name, at in found.items() if at >= 0}
    return min(named, key=lambda name: named[name]) if named else "lantern"


def prop(name: str, light: int) -> list[Shape]:
    shapes = _PROPS[name]()
    return [shape.moved(lambda point: (-point[0] * light, point[1])) for shape in shapes]


def _lantern() -> list[Shape]:
    return [
        Shape(
            smooth([(-0.17, -0.20), (-0.16, -0.42), (0.0, -0.50), (0.16, -0.42), (0.17, -0.20)], closed=False),
            "ink",
            0.15,
            stroke=0.014,
        ),
        Shape(mirrored([(0.05, -0.36), (0.06, -0.31), (0.15, -0.25), (0.17, -0.20)]), "ink", 0.1),
        Shape(mirrored([(0.14, -0.20), (0.185, 0.08), (0.15, 0.32)]), "light", -0.15),
        Shape(mirrored([(0.09, -0.20), (0.12, 0.08), (0.10, 0.32)]), "light", 0.45),
        Shape(smooth(mirrored([(0.0, -0.10), (0.035, 0.06), (0.045, 0.16), (0.0, 0.24)])), "light", 1.0),
        *(
            Shape(
                smooth([(x * 0.13, -0.20), (x * 0.19, 0.08), (x * 0.145, 0.32)], closed=False), "ink", 0.1, stroke=0.012
            )
            for x in (-1, -0.36, 0.36, 1)
        ),
        Shape(mirrored([(0.17, 0.31), (0.19, 0.36), (0.22, 0.44), (0.22, 0.50)]), "ink", 0.12),
        Shape(mirrored([(0.19, 0.36), (0.205, 0.385)]), "built", 0.5),
    ]


def _letter() -> list[Shape]:
    return [
        Shape(((-0.46, 0.14), (0.32, 0.02), (0.50, 0.42), (-0.34, 0.54)), "ink", 0.1),
        Shape(((-0.48, 0.11), (0.30, -0.01), (0.48, 0.39), (-0.36, 0.51)), "built", 0.95),
        Shape(((-0.48, 0.11), (0.30, -0.01), (0.02, 0.27)), "built", 0.60),
        Shape(((-0.48, 0.11), (0.02, 0.27), (-0.36, 0.51)), "built", 0.75),
        Shape(ellipse(0.015, 0.255, 0.055, 0.05, 30), "light", -0.5),
        Shape(ellipse(0.010, 0.248, 0.034, 0.030, 24), "light", -0.2),
    ]


def _book() -> list[Shape]:
    page = [
        (0.0, 0.18),
        (0.16, 0.10),
        (0.34, 0.10),
        (0.52, 0.17),
        (0.56, 0.42),
        (0.36, 0.36),
        (0.18, 0.37),
        (0.0, 0.45),
    ]
    shapes = [Shape(((-0.60, 0.20), (0.60, 0.20), (0.64, 0.47), (0.0, 0.52), (-0.64, 0.47)), "ink", 0.15)]
    for way in (-1, 1):
        shapes.append(Shape(smooth([(way * x, y) for x, y in page], steps=5), "built", 0.95 if way < 0 else 0.65))
        for k in range(5):
            y = 0.19 + 0.042 * k
            shapes.append(
                Shape(
                    smooth([(way * 0.08, y + 0.01), (way * 0.26, y - 0.03), (way * 0.44, y + 0.005)], closed=False),
                    "built",
                    -0.35,
                    stroke=0.006,
                )
            )
    return [*shapes, Shape(((-0.01, 0.18), (0.02, 0.18), (0.07, 0.56), (0.03, 0.53)), "light", -0.2)]


def _key() -> list[Shape]:
    ring = [
        Shape(ellipse(-0.34, 0.34, 0.20, 0.124, 48), "light", -0.3),
        Shape(ellipse(-0.34, 0.34, 0.155, 0.096, 48), "light", 0.2),
        Shape(ellipse(-0.34, 0.34, 0.125, 0.078, 48), "land", -0.15),
    ]
    shaft = Shape(((-0.16, 0.315), (0.46, 0.255), (0.47, 0.295), (-0.15, 0.36)), "light", 0.1)
    bits = [
        Shape(((x, 0.28), (x + 0.05, 0.275), (x + 0.07, 0.39), (x + 0.015, 0.395)), "light", -0.1) for x in (0.28, 0.38)
    ]
    return [Shape(ellipse(0.02, 0.40, 0.52, 0.06, 40), "ink", 0.05), *ring, *bits, shaft]


def _clock() -> list[Shape]:
    marks = []
    for k in range(12):
        from_12 = ellipse(0, 0.06, 0.31, 0.31, 12)[k]
        marks.append(
            Shape(ellipse(from_12[0], from_12[1], 0.014 if k % 3 else 0.024, 0.014 if k % 3 else 0.024, 14), "ink")
        )
    return [
        Shape(mirrored([(0.06, -0.44), (0.06, -0.36)]), "ink", 0.15),
        Shape(ellipse(0, 0.06, 0.435, 0.435, 80), "ink", 0.12),
        Shape(ellipse(0, 0.06, 0.405, 0.405, 80), "light", -0.35),
        Shape(ellipse(0, 0.06, 0.370, 0.370, 80), "built", 0.95),
        *marks,
        Shape(((-0.012, 0.07), (-0.006, -0.20), (0.006, -0.20), (0.012, 0.07)), "ink"),
        Shape(((-0.005, 0.045), (0.17, 0.13), (0.16, 0.15), (-0.01, 0.075)), "ink"),
        Shape(ellipse(0, 0.06, 0.024, 0.024, 20), "light", -0.3),
    ]


def _cup() -> list[Shape]:
    steam = [
        smooth([(x, -0.02), (x + 0.05, -0.14), (x - 0.04, -0.27), (x + 0.02, -0.42)], closed=False)
        for x in (-0.10, 0.08)
    ]
    return [
        Shape(ellipse(0.02, 0.47, 0.46, 0.06, 50), "built", 0.25),
        Shape(
            smooth([(0.24, 0.16), (0.42, 0.14), (0.43, 0.31), (0.22, 0.35)], closed=False), "built", 0.5, stroke=0.042
        ),
        Shape(mirrored([(0.30, 0.08), (0.29, 0.26), (0.21, 0.44), (0.14, 0.475)]), "built", 0.75),
        Shape(
            ((-0.30, 0.08), (-0.29, 0.26), (-0.21, 0.44), (-0.14, 0.475), (-0.02, 0.475), (-0.10, 0.30), (-0.13, 0.08)),
            "built",
            0.35,
        ),
        Shape(ellipse(0, 0.08, 0.30, 0.062, 50), "built", 0.95),
        Shape(ellipse(0, 0.087, 0.26, 0.048, 50), "ink", 0.2),
        *(Shape(line, "light", 0.4, stroke=0.012) for line in steam),
    ]


def _flower() -> list[Shape]:
    stem = Shape(smooth([(0.0, -0.18), (0.02, 0.10), (-0.03, 0.50)], closed=False), "plant", -0.3, stroke=0.02)
    leaf = Shape(smooth([(0.0, 0.26), (0.14, 0.12), (0.27, 0.12), (0.17, 0.24)]), "plant", 0.1)
    petals = []
    for k in range(8):
        x, y = ellipse(0, -0.20, 0.15, 0.135, 8)[k]
        petals.append(Shape(ellipse(x, y, 0.095, 0.088, 26), "light", 0.25 if k % 2 else -0.05))
    return [stem, leaf, *petals, Shape(ellipse(0, -0.20, 0.085, 0.075, 30), "ink", 0.25)]


_PROPS = {
    "lantern": _lantern,
    "letter": _letter,
    "book": _book,
    "key": _key,
    "clock": _clock,
    "cup": _cup,
    "flower": _flower,
}
