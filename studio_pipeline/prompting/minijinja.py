"""Our prompts as MiniJinja templates, for a TensorZero gateway: without includes, without filters of ours.

What lives here: from the parts of a prompt to one template and to the JSON schema of its variables. What does not: the
configuration that names them (``tensorzero.py``).

MiniJinja is mostly Jinja2 (https://github.com/mitsuhiko/minijinja/blob/main/COMPATIBILITY.md). What differs is made the
same here: parts that are included stand in the template; ``| data("story")`` and ``| table`` become literal tags around
a string, in which ``</`` is made harmless; and since the gateway keeps the line of a block tag where our library drops
it, these line ends are left out.

What cannot be made the same: a value is shown as it is given. Whoever asks gives texts, and tables that are texts
already, cleaned as ``material.py`` cleans them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, nodes

_INCLUDE = re.compile(r"""\{%-?\s*include\s+["'](parts/[a-z0-9_]+\.md)["']\s*-?%\}""")
_BLOCK = re.compile(r"(?:^[ \t]*)?(?:\{#.*?#\}|(\{%.*?%\}))\n?", re.MULTILINE | re.DOTALL)
_SHOWN = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_DATA = re.compile(r"""data\(\s*["']([a-z][a-z0-9_]*)["']\s*\)""")
_OURS = ("data", "table", "json")
_CLOSING = '| replace("</", "‹/")'


def template_of(text: str, sources: Mapping[str, str]) -> str:
    """The MiniJinja template that says what ``text`` says.

    Args:
        sources: texts of the parts it may include, by name (``library.sources``).
    """
    return _SHOWN.sub(lambda found: _plain(found[1]), _whole(text, sources)).strip() + "\n"


def _whole(text: str, sources: Mapping[str, str]) -> str:
    """``text`` with its parts in it, and each block tag without the line that it stands on."""
    trimmed = _BLOCK.sub(r"\1", text)
    return _INCLUDE.sub(lambda found: _whole(sources[found[1]].removesuffix("\n"), sources), trimmed)


def variables_of(template: str) -> dict[str, dict[str, Any]]:
    """JSON schemas of the variables of a template, by name: texts, unless the template does more than show them."""
    tree = Environment(autoescape=False).parse(template)
    own = {name.name for loop in tree.find_all(nodes.For) for name in loop.target.find_all(nodes.Name)}
    own |= {loop.target.name for loop in tree.find_all(nodes.For) if isinstance(loop.target, nodes.Name)} | {"loop"}
    lists = {loop.iter.name for loop in tree.find_all(nodes.For) if isinstance(loop.iter, nodes.Name)}
    found: dict[str, dict[str, Any]] = {}
    texts = _shown_as_text(tree)
    numbers = _shown_bare(tree)
    for name in sorted({node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"} - own):
        if name in lists:
            found[name] = {"type": "array"}
        elif name in texts:
            found[name] = {"type": "string"}
        elif name in numbers:
            found[name] = {"type": ["string", "number"]}
        else:
            found[name] = {"description": "only asked for, never shown"}
    return found


def parts_of(source: str) -> dict[str, str]:
    """The parts of a prompt's body, by name."""
    pieces = re.split(r"^=== (system|shared|ask)[ \t]*$", source, flags=re.MULTILINE)
    return {name: text.strip("\n") for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def _plain(expression: str) -> str:
    """What is shown, without the filters that a gateway does not have."""
    value, *filters = (piece.strip() for piece in _split(expression))
    kept = [one for one in filters if one not in _OURS and _DATA.fullmatch(one) is None]
    tags = [found[1] for one in filters if (found := _DATA.fullmatch(one))]
    shown = " | ".join((value, *kept))
    if not tags and "table" in filters:
        tags = ["table"]
    if tags:
        return f"<{tags[-1]}>\n{{{{ {shown} {_CLOSING} }}}}\n</{tags[-1]}>"
    return f"{{{{ {shown} {_CLOSING} }}}}" if "json" in filters else f"{{{{ {shown} }}}}"


def _split(expression: str) -> list[str]:
    """The pieces between the bars of an expression, but not those inside quotes or brackets."""
    pieces, depth, quote = [""], 0, ""
    for char in expression:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "|" and depth == 0:
            pieces.append("")
            continue
        pieces[-1] += char
    return pieces


def _shown_as_text(tree: nodes.Template) -> set[str]:
    """Names that stand before ``replace``, which only texts have."""
    return {
        node.node.name
        for node in tree.find_all(nodes.Filter)
        if node.name == "replace" and isinstance(node.node, nodes.Name)
    }


def _shown_bare(tree: nodes.Template) -> set[str]:
    return {
        node.name for output in tree.find_all(nodes.Output) for node in output.nodes if isinstance(node, nodes.Name)
    }
