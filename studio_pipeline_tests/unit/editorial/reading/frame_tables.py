"""What every frame of a cut shows and what is heard there, to compare cuts that say the same in other words."""

from __future__ import annotations

from studio_pipeline.editorial.pieces import Mix, pieces
from studio_pipeline.editorial.timeline import Timeline, TimelineClip, Transition
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate

Shown = tuple[object, ...]


def shown(timeline: Timeline) -> list[Shown]:
    """For each frame: (layers, how they are mixed, how much of a colour lies over them). Of a frame that is all colour
    nothing but the colour is seen."""
    table: list[Shown] = []

    def frame(index: int, offset: int) -> tuple[str, int]:
        clip = timeline.clips[index]
        return clip.media.sha256[-6:], clip.source_at(offset)

    for piece in pieces(timeline):
        for k in range(piece.frames):
            if isinstance(piece, Mix):
                t = piece.transition
                way = t.direction if t.kind == "wipe" else ""
                layers = (
                    frame(piece.outgoing, piece.outgoing_first + k),
                    frame(piece.incoming, piece.incoming_first + k),
                )
                table.append((layers, t.kind, way, k, piece.frames))
                continue
            left = piece.frames - k
            light, colour = 1.0, ""
            if k < piece.fade_in:
                light, colour = k / piece.fade_in, piece.in_colour
            elif left <= piece.fade_out:
                light, colour = (left - 1) / piece.fade_out, piece.out_colour
            layer = frame(piece.clip, piece.first + k)
            table.append((colour,) if not light else (layer,) if light == 1 else (layer, colour, round(light, 5)))
    return table


def heard(timeline: Timeline) -> list[list[Shown]]:
    """For each frame: which frames of which sounds, how loud music is, what is direct speech."""
    table: list[list[Shown]] = [[] for _ in range(timeline.frames)]
    for speech in timeline.narration:
        quoted = {n for quote in speech.quotes for n in range(quote.first_frame, quote.first_frame + quote.frames)}
        for k in range(speech.frames):
            table[speech.record_frame + k].append((speech.media.sha256, k, k in quoted, speech.scene, speech.text))
    for span in timeline.music:
        for k in range(span.frames):
            table[span.record_frame + k].append((span.media.sha256, span.source_frame + k, span.mood))
    return [sorted(frame, key=str) for frame in table]


def film(clips: list[dict[str, object]], transitions: list[Transition] | None = None, **more: object) -> Timeline:
    """A cut of ``clips``: each of its own media and scene unless it says otherwise, with a handle of 6 frames."""
    made = []
    for n, said in enumerate(clips, start=1):
        plain = {
            "name": f"animated.s{n:02d}.k1",
            "media": MediaRef(sha256=f"{n:064x}", suffix=".mp4", size_bytes=1),
            "source_frame": 6,
            "media_frames": int(str(said["frames"])) * 2 + 200,
            "scene": n,
            "take": 1,
        }
        made.append(TimelineClip.model_validate(plain | said))
    facts = {"name": "balanced", "title": "Sea", "language": "en", "rate": Rate.of(24), "size": (1280, 720)}
    return Timeline.model_validate(facts | {"clips": tuple(made), "transitions": tuple(transitions or ())} | more)


def joint(at: int, kind: str, out_frames: int, in_frames: int, **more: str) -> Transition:
    return Transition.model_validate({"at": at, "kind": kind, "out_frames": out_frames, "in_frames": in_frames} | more)
