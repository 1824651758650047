"""How a brief says in which languages a film is told, and how it is handed over: single values, checked.

Each check returns the value or records a problem and returns ``None``, as those in ``fields.py`` do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from studio_pipeline.film.brief import RESOLUTIONS, Captions, Loudness
from studio_pipeline.stages.planning import fields
from studio_pipeline.stages.planning.fields import Problems
from studio_pipeline.stages.planning.yaml_file import kind_of
from studio_pipeline.wording import clipped

MOST_DUBS = 6
_LANGUAGE_NAMES = {
    "english": "en", "hindi": "hi", "german": "de", "french": "fr", "spanish": "es", "italian": "it", "dutch": "nl",
    "portuguese": "pt", "russian": "ru", "chinese": "zh", "mandarin": "zh", "japanese": "ja", "korean": "ko",
    "arabic": "ar", "hebrew": "he", "turkish": "tr", "polish": "pl", "swedish": "sv", "indonesian": "id",
    "bengali": "bn", "tamil": "ta", "हिन्दी": "hi", "हिंदी": "hi", "deutsch": "de", "français": "fr", "español": "es",
    "日本語": "ja", "中文": "zh",
}  # fmt: skip


def language(data: Mapping[str, Any], problems: Problems) -> str | None:
    value = data.get("language")
    return None if value is None else _code("language", value, problems, "`language: {}`")


def _code(name: str, value: Any, problems: Problems, written: str) -> str | None:
    """The language code that ``value`` is; ``written`` shows how one stands in the brief, with a place for the code."""
    if value is False:  # `no` as YAML 1.1 reads it
        return "no"
    text = str(value).strip() if isinstance(value, str) else ""
    code = _LANGUAGE_NAMES.get(text.lower())
    if code:
        problems.add(f"`{name}` is “{clipped(text)}”", f"Write its code: {written.format(code)}.")
        return None
    primary, *rest = text.replace("_", "-").split("-")
    tidy = "-".join([primary.lower(), *rest])
    if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", tidy) and len(tidy) <= 35:
        return tidy
    problems.add(f"`{name}` is {kind_of(value)}", "Write a language code such as en, hi, fr or pt-BR.")
    return None


def dubs(data: Mapping[str, Any], own: str, problems: Problems) -> tuple[str, ...] | None:
    """Languages beside the film's ``own``, in the order of the brief, each once; one may stand alone."""
    value = data.get("dubs")
    if value is None:
        return None
    listed = list(value) if isinstance(value, list | tuple) else [value]
    codes: list[str] = []
    for one in listed:
        code = _code("dubs", one, problems, "`dubs: [{}]`")
        if code is None:
            continue
        if code.lower() == own.lower():
            problems.add(f"`dubs` names {code}, the film's own language", "Name only further languages.")
        elif code.lower() in [known.lower() for known in codes]:
            problems.add(f"`dubs` names {code} twice", "Name each language once.")
        else:
            codes.append(code)
    if len(listed) > MOST_DUBS:
        problems.add(f"`dubs` names {len(listed)} languages", f"Name at most {MOST_DUBS}.")
    return tuple(codes)


def resolution(data: Mapping[str, Any], problems: Problems) -> str | None:
    value = data.get("resolution")
    if isinstance(value, int) and f"{value}p" in RESOLUTIONS:
        return f"{value}p"
    return fields.one_of(data, "resolution", problems, RESOLUTIONS)


def captions(data: Mapping[str, Any], problems: Problems) -> str | None:
    value = data.get("captions")
    spelled = re.sub(r"[\s-]+", "_", value.strip()) if isinstance(value, str) else value
    return fields.one_of({"captions": spelled}, "captions", problems, get_args(Captions))


def loudness(data: Mapping[str, Any], problems: Problems) -> int | None:
    value = data.get("loudness_lufs")
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"-\d{1,2}(\.0+)?( ?LUFS)?", value.strip(), re.IGNORECASE):
        value = float(value.strip().partition(" ")[0].upper().removesuffix("LUFS"))
    known: tuple[int, ...] = get_args(Loudness)
    found = next((level for level in known if not isinstance(value, bool) and value == level), None)
    if found is None:
        problems.add(
            f"`loudness_lufs` is {kind_of(data['loudness_lufs'])}",
            f"It can be: {', '.join(map(str, known))} (LUFS; music services, web video, European broadcast).",
        )
    return found
