"""Drawing a shot from its structured board: shapes and places first, then three ways to put them on paper.

``framing`` and ``scenery`` and ``figures`` compose a shot of plain shapes; ``card`` sketches them in pencil, ``board``
paints them flat, ``collage`` lights them like a photograph. Every drawing is a pure function of its board, seed and
variation. No vendor, no file and no price is known here.
"""
