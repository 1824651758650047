"""Any timeline at all, without media: for what must hold for every cut."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import strategies as st

from studio_pipeline.editorial.timeline import MusicSpan, Speech, Timeline, TimelineClip, Transition
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate


def media_ref(name: str, suffix: str = ".mp4") -> MediaRef:
    return MediaRef(sha256=hashlib.sha256(name.encode()).hexdigest(), suffix=suffix, size_bytes=1)


@st.composite
def any_timeline(draw: st.DrawFn) -> Timeline:
    """Clips, cuts, dissolves and fades that a renderer can draw; some media are used twice."""
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
        kind = draw(st.sampled_from(["cut", "dissolve", "fade_black"]))
        if kind == "dissolve" and before is not None and after is not None:
            out_frames = draw(st.integers(0, min(tails[before], room_after)))
            in_frames = draw(st.integers(0, min(heads[after], room_before)))
            used[after] += out_frames
        elif kind == "fade_black":
            out_frames, in_frames = draw(st.integers(0, room_before)), draw(st.integers(0, room_after))
            if after is not None:
                used[after] += in_frames
        else:
            continue
        transitions.append(Transition(at=at, kind=kind, out_frames=out_frames, in_frames=in_frames))
    tier = draw(st.sampled_from(["animated", "generated"]))
    clips = []
    for n in range(count):
        # Two shots of one scene come from one file when the draw says so.
        source = (
            clips[-1] if clips and draw(st.booleans()) and clips[-1].media_frames >= heads[n] + lengths[n] else None
        )
        if source is not None and source.media_frames - heads[n] - lengths[n] < tails[n]:
            source = None
        clips.append(
            TimelineClip(
                name=f"{tier}.s{n // 2 + 1:02d}.k{n % 2 + 1}",
                media=source.media if source else media_ref(f"clip {n}"),
                media_frames=source.media_frames if source else heads[n] + lengths[n] + tails[n],
                source_frame=heads[n],
                frames=lengths[n],
                scene=n // 2 + 1,
                take=draw(st.integers(1, 12)),
                rating=draw(st.none() | st.floats(0, 100)),
            )
        )
    frames = sum(lengths)
    spans = draw(st.lists(st.tuples(st.integers(0, frames - 1), st.integers(1, frames)), max_size=4))
    spans = [(start, min(length, frames - start)) for start, length in spans]
    return Timeline(
        name="balanced",
        title=draw(st.text(max_size=30)),
        language="en",
        rate=Rate.of(draw(st.sampled_from([24, 25, 30, 23.976, 29.97]))),
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
