"""Reading a brief: from a YAML file or from run config to the frozen ``Brief``, with every problem named at once.

The model is ``film/brief.py``; YAML and single values are checked in ``yaml_file.py`` and ``fields.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from studio_pipeline.errors import BadInput
from studio_pipeline.film.brief import (
    FRAME_RATES,
    FRAME_SIZES,
    Brief,
    ContentMode,
    Policy,
    Priority,
    QualityMode,
)
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.stages.planning import delivery_fields, fields
from studio_pipeline.stages.planning.documents.page import Document
from studio_pipeline.stages.planning.fields import Problems
from studio_pipeline.stages.planning.story_file import read_story
from studio_pipeline.stages.planning.yaml_file import kind_of, read_mapping, shown
from studio_pipeline.wording import clipped, did_you_mean

KEYS = (
    "title", "concept", "story", "duration_s", "budget_usd", "language", "tiers", "pilots", "style", "content_mode",
    "quality_mode", "aspect", "fps", "resolution", "captions", "loudness_lufs", "dubs", "policy", "priority", "seed",
)  # fmt: skip
"""Every key a brief may have."""

MOST_CONCEPT_CHARS = 20_000
_MOST_TIERS = 3
_LARGEST_SEED = 2**31 - 1
_SEXAGESIMAL = {969: "16:9", 556: "9:16", 61: "1:1", 243: "4:3"}
"""What a YAML 1.1 reader (Dagster's launchpad) makes of an unquoted aspect."""

PutStory = Callable[[bytes], MediaRef]


def rehearsal_of(brief: Brief) -> Brief:
    """The same brief as a production of its own that is made on this machine at the prices of the vendors in use."""
    if brief.rehearse:
        return brief
    return brief.model_copy(update={"title": f"{brief.title[:180]} rehearsal", "rehearse": True})


def read_brief(path: Path, *, put_story: PutStory, tiers: Sequence[str], max_story_chars: int) -> Brief:
    """The brief in the file at ``path``; its story's text is handed to ``put_story`` as UTF-8.

    Raises:
        BadInput: with every problem of the file. Nothing has been put anywhere then.
    """
    return brief_from_mapping(
        read_mapping(path, what="brief"),
        where=shown(path),
        base_dir=path.parent,
        put_story=put_story,
        tiers=tiers,
        max_story_chars=max_story_chars,
    )


def brief_from_mapping(
    data: Mapping[str, Any],
    *,
    where: str,
    base_dir: Path,
    put_story: PutStory,
    tiers: Sequence[str],
    max_story_chars: int,
) -> Brief:
    """The brief that ``data`` spells. A story's path is relative to ``base_dir``; ``where`` names the source in errors.

    Raises:
        BadInput: with every problem in one message.
    """
    if "briefs" in data:
        raise BadInput("This is a slate, not a brief: it names several", where=where, todo="Give it to `studio batch`.")
    problems = Problems("brief", where)
    fields.check_keys(data, KEYS, problems)
    values: dict[str, Any] = {
        "title": fields.line_of_text(data, "title", problems, most=200, required=True),
        "concept": _text(data, "concept", problems, most=MOST_CONCEPT_CHARS),
        "duration_s": fields.number(data, "duration_s", problems, least=5, most=1800, unit="seconds", required=True),
        "budget_usd": fields.money(data, "budget_usd", problems, most=Decimal(1_000_000), required=True),
        "language": delivery_fields.language(data, problems),
        "tiers": _tiers(data, tiers, problems),
        "pilots": fields.whole(data, "pilots", problems, least=1, most=3),
        "style": _text(data, "style", problems, most=2_000),
        "content_mode": fields.one_of(data, "content_mode", problems, get_args(ContentMode)),
        "quality_mode": fields.one_of(data, "quality_mode", problems, get_args(QualityMode)),
        "aspect": _aspect(data, problems),
        "fps": _fps(data, problems),
        "resolution": delivery_fields.resolution(data, problems),
        "captions": delivery_fields.captions(data, problems),
        "loudness_lufs": delivery_fields.loudness(data, problems),
        "policy": fields.one_of(data, "policy", problems, get_args(Policy)),
        "priority": fields.one_of(data, "priority", problems, get_args(Priority)),
        "seed": fields.whole(data, "seed", problems, least=0, most=_LARGEST_SEED),
    }
    if values["pilots"] and values["tiers"] and values["pilots"] > len(values["tiers"]):
        problems.add(
            f"`pilots` is {values['pilots']} but `tiers` names only {len(values['tiers'])}",
            "Name more tiers or ask for fewer pilots.",
        )
    values["dubs"] = delivery_fields.dubs(data, values["language"] or Brief.model_fields["language"].default, problems)
    story = _story(data, base_dir, max_story_chars, problems)
    problems.raise_if_any()
    if story is not None:
        values["story"] = put_story(story.text.encode("utf-8", "ignore"))
        values["story_notes"] = story.notes
    try:
        return Brief(**{name: value for name, value in values.items() if value is not None})
    except ValidationError as error:  # a rule of the model that has no sentence above
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise BadInput(f"The brief cannot be used: {name} {first['msg']}".replace("  ", " "), where=where) from None


def _text(data: Mapping[str, Any], name: str, problems: Problems, *, most: int) -> str | None:
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        problems.add(
            f"`{name}` is {kind_of(value)}, not text", "Write it as text, in quotes where it starts with a sign."
        )
        return None
    cleaned = fields.clean_text(value)
    if not cleaned and name == "concept":
        problems.add("`concept` is empty", "Say in a line or two what the film is about.")
    elif len(cleaned) > most:
        todo = "Put a long text into a file and name it as `story`." if name == "concept" else f"Use at most {most:,}."
        problems.add(f"`{name}` has {len(cleaned):,} characters, more than {most:,}", todo)
    else:
        return cleaned
    return None


def _story(data: Mapping[str, Any], base_dir: Path, max_chars: int, problems: Problems) -> Document | None:
    value = data.get("story")
    if value is None:
        if data.get("concept") is None:
            problems.add("The brief has neither `concept` nor `story`", "Add one: an idea, or the path of a story.")
        return None
    if data.get("concept") is not None:
        problems.add("The brief has both `concept` and `story`", "Keep one of the two.")
    if not isinstance(value, str) or not value.strip():
        problems.add(f"`story` is {kind_of(value)}, not a path", "Write the path of its file, relative to the brief.")
        return None
    if "\n" in value.strip() or len(value) > 1000:
        problems.add(
            "`story` holds a text, not a path", "Put the text into a file beside the brief and name that file."
        )
        return None
    try:
        return read_story(base_dir / Path(value.strip()).expanduser(), max_chars=max_chars)
    except BadInput as error:
        problems.add(f"{error.what} ({error.where})", error.todo)
    except RuntimeError:  # expanduser of an unknown user
        problems.add(f"`story` names a home folder that does not exist: {clipped(value)}", "Write the whole path.")
    return None


def _tiers(data: Mapping[str, Any], known: Sequence[str], problems: Problems) -> tuple[str, ...] | None:
    value = data.get("tiers")
    if value is None:
        return None
    listed = [value] if isinstance(value, str) and value.strip() in known else value
    say = f"Write a list of tiers, e.g. `tiers: [{', '.join(known[:2])}]`; there are: {', '.join(known)}."
    if not isinstance(listed, list | tuple) or not listed:
        problems.add(f"`tiers` is {'an empty list' if listed == [] else kind_of(value)}", say)
        return None
    names: list[str] = []
    for name in listed:
        if not isinstance(name, str) or name.strip() not in known:
            hint = did_you_mean(name, known) if isinstance(name, str) else ""
            problems.add(
                f"`tiers` names {kind_of(name)}, which is no tier", f"{hint} There are: {', '.join(known)}.".lstrip()
            )
        elif name.strip() in names:
            problems.add(f"`tiers` names {name.strip()} twice", "Name each tier once.")
        else:
            names.append(name.strip())
    if len(names) > _MOST_TIERS:
        problems.add(
            f"`tiers` names {len(names)} tiers", f"At most {_MOST_TIERS} pilots compete; name at most {_MOST_TIERS}."
        )
    return tuple(names) or None


def _aspect(data: Mapping[str, Any], problems: Problems) -> str | None:
    value = data.get("aspect")
    value = _SEXAGESIMAL.get(value, value) if isinstance(value, int) else value
    if isinstance(value, str):
        value = re.sub(r"\s*[x×/:]\s*", ":", value.strip())
    if value is None or (isinstance(value, str) and value in FRAME_SIZES):
        return value
    problems.add(f"`aspect` is {kind_of(value)}", f"It can be: {', '.join(FRAME_SIZES)}.")
    return None


def _fps(data: Mapping[str, Any], problems: Problems) -> float | None:
    value = data.get("fps")
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"\d{2}(\.\d{1,3})?", value.strip()):
        value = float(value)
    found = next((rate for rate in FRAME_RATES if not isinstance(value, bool) and value == rate), None)
    if found is None:
        problems.add(f"`fps` is {kind_of(value)}", f"It can be: {', '.join(map(str, FRAME_RATES))}.")
    return found
