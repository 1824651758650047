"""Text of others reads in Markdown as it was written, and is nothing but text."""

from __future__ import annotations

import ast
import html
import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import studio_pipeline
from studio_pipeline.media.markdown import bullets, escaped, glossary, paragraphs

_TAG = re.compile(r"<[^>]*>")
NASTY = [
    "![x](http://host/p)",
    "![x][1]\n\n[1]: http://host/p",
    "[here](javascript:alert(1))",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<http://host/p>",
    "&lt;b&gt; &#60;b&#62;",
    "`code` and ```\nfence\n```",
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "# Heading",
    "Heading\n=======",
    "Heading\n---",
    "1. one\n2) two",
    "- a\n+ b\n* c",
    "    indented like code",
    "> quoted",
    "*a* **b** __c__ _d_ ~~e~~",
    "a\\*b\\",
    "a  \nbreak",
    "\u2028- a\x85- b\x0b- c",
    "\0",
    string.punctuation,
]


def rendered(markdown: str) -> str:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown)


def shown(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", markup)).replace("\u2060", "").split())


def tags(markup: str) -> set[str]:
    return {tag.strip("</>").split()[0] for tag in _TAG.findall(markup)}


def as_words(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())


@pytest.mark.parametrize("text", NASTY)
def test_hostile_text_is_shown_as_it_was_written(text):
    page = rendered(f"before {escaped(text)} after")
    assert tags(page) == {"p"}
    assert shown(page) == as_words(f"before {text} after")
    assert tags(rendered(escaped(text))) <= {"p"}, "at the start of a line, too"


@given(st.lists(st.text(alphabet=st.sampled_from(string.punctuation + " \t\n\r\0\u2028ab1灯")), min_size=1))
def test_a_list_has_one_item_a_line_whatever_the_lines_say(lines):
    page = rendered(bullets(lines))
    assert tags(page) == {"ul", "li"}
    assert page.count("<li>") == len(lines)
    assert shown(page.replace("</li>", " </li>")) == as_words(" ".join(lines))


@pytest.mark.parametrize("name", NASTY)
def test_names_are_bold_whatever_they_are(name):
    page = rendered(glossary([(name, "(hero): “**big**”")]))
    assert tags(page) == {"ul", "li", "strong"}
    assert shown(page) == f"{as_words(name) or '–'} (hero): “**big**”"


def test_nothing_else_reaches_the_ui_as_markdown():
    """Text that is given to the UI as Markdown comes out of these functions, wherever it is given."""
    safe = {"bullets", "paragraphs", "glossary", "picture_md", "pictures_md"}
    given = [
        (path.name, call)
        for path in Path(studio_pipeline.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("MetadataValue.md")
    ]
    assert len(given) > 5
    raw = [
        f"{name}: {ast.unparse(call)}"
        for name, call in given
        if not (isinstance(call.args[0], ast.Call) and ast.unparse(call.args[0].func) in safe)
    ]
    assert raw == []


@pytest.mark.parametrize("address", ["http://host/p", "HTTPS://host", "www.host.org", "WWW.host.org", "a@host.org"])
def test_a_bare_address_is_none_for_a_renderer_that_makes_links_of_them(address):
    """The three patterns are those of the UI's renderer (mdast-util-gfm-autolink-literal), on text without escapes."""
    text = shown_with_joiners(rendered(escaped(f"see {address}")))
    assert not re.search(r"(?i)(https?://|www(?=\.))([-.\w]+)", text)
    assert not re.search(r"([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)", text)


def shown_with_joiners(markup: str) -> str:
    return html.unescape(_TAG.sub("", markup))


def test_paragraphs_stay_paragraphs():
    page = rendered(paragraphs("One.\nStill one.\n \n# Two.\n\n\n"))
    assert page == "<p>One. Still one.</p>\n<p># Two.</p>\n"


def test_nothing_to_list_is_a_dash():
    assert bullets([]) == glossary([]) == paragraphs(" \n\n ") == "–"
