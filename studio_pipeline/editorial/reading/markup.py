"""XML of strangers, read with care: no entities, no outside files, no endless depth.

Expat by hand, since ``xml.etree`` offers no way to refuse entities before they are expanded.
"""

from __future__ import annotations

from typing import NoReturn
from xml.etree import ElementTree as ET
from xml.parsers import expat

from studio_pipeline.errors import BadInput
from studio_pipeline.wording import clipped

_DEEPEST = 200
_MOST_ELEMENTS = 2_000_000


def parsed(data: bytes) -> ET.Element:
    """The root of a document.

    Raises:
        BadInput: it is not well-formed, declares entities, or is deeper than any editor writes.
    """
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    seen = depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal seen, depth
        seen, depth = seen + 1, depth + 1
        if depth > _DEEPEST or seen > _MOST_ELEMENTS:
            raise BadInput(f"The file has more than {_DEEPEST} levels or {_MOST_ELEMENTS} elements")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> NoReturn:
        raise BadInput("The file defines entities of its own, which no editor writes and which are not read")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(data, True)
        return builder.close()
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise BadInput(f"The file is no XML that can be read: {clipped(str(error), 100)}") from error
