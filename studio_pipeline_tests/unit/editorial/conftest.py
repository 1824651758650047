"""Any timeline at all, without media: for what must hold for every cut."""

from __future__ import annotations

import hashlib
from typing import get_args

import pytest
from hypothesis import strategies as st

from studio_pipeline.editorial.timeline import (
    MIXES,
    NORMAL,
    Direction,
    MusicSpan,
    Speech,
    Speed,
    Timeline,
    TimelineClip,
    Transition,
    TransitionKind,
)
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate


def media_ref(name: str, suffix: str = ".mp4") -> MediaRef:
    return MediaRef(sha256=hashlib.sha256(name.encode()).hexdigest(), suffix=suffix, size_bytes=1)


KINDS: tuple[TransitionKind | None, ...] = (None, "dissolve", "wipe", "fade_black", "fade_white", "dip")
"""Of a joint; ``None`` is a plain cut."""


@st.composite
def any_timeline(draw: st.DrawFn) -> Timeline:
    """Clips, at any speed and held, and transitions that a renderer can draw; some media are used twice."""
    count = draw(st.integers(1, 6))
    lengths = draw(st.lists(st.integers(2, 40), min_size=count, max_size=count))
    heads = [draw(st.integers(0, 12)) for _ in range(count)]
    tails = [draw(st.integers(0, 12)) for _ in range(count)]
    used = [0] * count  # frames of each clip that a transition has already taken
    transitions = []
    for at in range(count + 1):
        before, after = at - 1 if at else None, at if at < count else None
        room_before = lengths[before] - used[before] if before is not None else 0
        # Leave every clip something for the transition at its other end.
        room_after = lengths[after] // 2 if after is not None else 0
        if before is not None:
            room_after = min(room_after, lengths[before])
        kind = draw(st.sampled_from(KINDS))
        if kind in MIXES and before is not None and after is not None:
            out_frames = draw(st.integers(0, min(tails[before], room_after)))
            in_frames = draw(st.integers(0, min(heads[after], room_before)))
            used[after] += out_frames
        elif kind is not None and kind not in MIXES:
            out_frames, in_frames = draw(st.integers(0, room_before)), draw(st.integers(0, room_after))
            if after is not None:
                used[after] += in_frames
        else:
            continue
        transitions.append(
            Transition(
                at=at,
                kind=kind,
                out_frames=out_frames,
                in_frames=in_frames,
                colour=draw(st.sampled_from(["", "#30a0ff"])) if kind == "dip" else "",
                direction=draw(st.sampled_from(get_args(Direction))) if kind == "wipe" else "left_to_right",
            )
        )
    tier = draw(st.sampled_from(["animated", "generated"]))
    clips: list[TimelineClip] = []
    for n in range(count):
        speed = draw(st.sampled_from([NORMAL, NORMAL, Speed(num=2), Speed(den=2), Speed(num=3, den=2)]))
        hold = draw(st.sampled_from([0, 0, 1, lengths[n] - 1]))
        source_frame = -(-heads[n] * speed.num // speed.den)
        least = source_frame + (lengths[n] - hold - 1 + (0 if hold else tails[n])) * speed.num // speed.den + 1
        # Two shots of one scene come from one file when the draw says so.
        shared = clips[-1] if clips and draw(st.booleans()) and clips[-1].media_frames >= least else None
        clips.append(
            TimelineClip(
                name=f"{tier}.s{n // 2 + 1:02d}.k{n % 2 + 1}",
                media=shared.media if shared else media_ref(f"clip {n}"),
                media_frames=shared.media_frames if shared else least,
                source_frame=source_frame,
                frames=lengths[n],
                scene=n // 2 + 1,
                take=draw(st.integers(1, 12)),
                rating=draw(st.none() | st.floats(0, 100)),
                speed=speed,
                hold=hold,
            )
        )
    frames = sum(lengths)
    spans = draw(st.lists(st.tuples(st.integers(0, frames - 1), st.integers(1, frames)), max_size=4))
    spans = [(start, min(length, frames - start)) for start, length in spans]
    return Timeline(
        name="balanced",
        title=draw(st.text(max_size=30)),
        language="en",
        rate=Rate.of(draw(st.sampled_from([24, 25, 30, 23.976, 29.97, 60]))),
        size=(1280, 720),
        clips=tuple(clips),
        transitions=tuple(transitions),
        narration=tuple(
            Speech(scene=n + 1, media=media_ref(f"v{n}", ".wav"), record_frame=start, frames=length, text="Words.")
            for n, (start, length) in enumerate(spans)
        ),
        music=(MusicSpan(media=media_ref("m", ".wav"), record_frame=0, frames=frames),),
    )


@pytest.fixture(scope="session")
def timelines() -> st.SearchStrategy[Timeline]:
    return any_timeline()


@pytest.fixture
def ref():
    return media_ref
