"""What ffmpeg is told to draw: any stretch of a timeline as one filter graph.

Reads ``editorial/pieces.py`` and nothing else; opens no file and starts no program. The graph is made of numbers and of
words of its own, so no name or text can enter it. Frames are counted, never timed, so each frame of the film is exactly
the source frame that the timeline says, and a frame looks the same in every stretch that it is drawn in.

Whatever shows two pictures at once is one ``xfade`` that is told where in it the stretch begins; a fade is a mix with
the clip's own frames painted over in the colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from studio_pipeline.editorial.pieces import Mix, Straight, pieces
from studio_pipeline.editorial.timeline import ColourMatch, Timeline, TimelineClip, Transition
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.encode import COLOUR_TAGS

CAPTIONS, FONTS = "captions.ass", "fonts"
"""Where, in the folder ffmpeg is started in, the captions to burn in lie, and the fonts for them."""

Span = tuple[int, int]
"""Record frames from the first up to, not including, the second."""
_TOGETHER = "mergeplanes=map1s=1:map2s=2:format=yuv420p"


class View(NamedTuple):
    """One clip alone, unmixed: ``frames`` frames from ``offset`` on, counted from its first one in the film."""

    clip: int
    offset: int
    frames: int


class Blend(NamedTuple):
    """Two clips, or a clip and a colour, in a transition that lasts ``steps`` steps, shown from step ``step`` on.

    At step ``k`` the incoming side has ``k / steps`` of the light, or of the picture where it is a wipe.
    """

    outgoing: View | str
    incoming: View | str
    step: int
    steps: int
    wipe: Transition | None = None


class Ticks(NamedTuple):
    """How the frames of an input that is not read from its start are found: frame ``n`` is due at
    ``first + n × frame``, in ticks of which a second has ``timescale``."""

    timescale: int
    first: int
    frame: int


def views(timeline: Timeline, span: Span) -> list[View]:
    """Everything that drawing ``span`` takes from the clips."""
    taken: list[View] = []
    for part in _parts(timeline, span):
        sides = (part,) if isinstance(part, View) else (part.outgoing, part.incoming)
        taken += (side for side in sides if isinstance(side, View))
    return taken


def picture_graph(
    timeline: Timeline,
    span: Span | None = None,
    *,
    ticks: Mapping[int, Ticks] | None = None,
    burn_in: bool = False,
) -> str:
    """The filter graph that draws ``span`` (default: all) of ``timeline``; its output is called ``film``.

    Input ``i`` is the i-th of the clips that ``views`` names, in their order in the timeline. Those in ``ticks``
    (clip number → ticks) are cut by time stamp, the others by counting from their first frame.

    Raises:
        BadInput: transitions of the timeline run into each other.
    """
    span = span or (0, timeline.frames)
    drawing = _Drawing(timeline, ticks or {})
    parts = _parts(timeline, span)
    for number, part in enumerate(parts):
        if isinstance(part, View):
            drawing.view(part, f"p{number}")
        else:
            drawing.blend(part, f"p{number}")
    rate = timeline.rate
    joined = f"{_labels([f'p{number}' for number in range(len(parts))])}concat=n={len(parts)}:v=1:a=0"
    # concat counts in microseconds; numbering once more puts every frame exactly on its tick.
    film = [joined, _numbered(rate)]
    if burn_in:  # captions are shown by the clock of the whole film
        film += [f"setpts=N+{span[0]}", f"ass={CAPTIONS}:fontsdir={FONTS}", "setpts=N", f"fps={rate.num}/{rate.den}"]
    return ";\n".join([*drawing.heads(), *drawing.chains, f"{','.join(film)},{COLOUR_TAGS}[film]"]) + "\n"


def _parts(timeline: Timeline, span: Span) -> list[View | Blend]:
    """``span`` as what is to be drawn, one after another."""
    parts: list[View | Blend] = []
    for piece in pieces(timeline):
        first, last = max(span[0] - piece.record_frame, 0), min(span[1] - piece.record_frame, piece.frames)
        if first >= last:
            continue
        if isinstance(piece, Mix):
            parts.append(
                Blend(
                    outgoing=View(piece.outgoing, piece.outgoing_first + first, last - first),
                    incoming=View(piece.incoming, piece.incoming_first + first, last - first),
                    step=first + 1,
                    steps=piece.frames + 1,
                    wipe=piece.transition if piece.transition.kind == "wipe" else None,
                )
            )
        else:
            parts += _straight(piece, first, last)
    return parts


def _straight(piece: Straight, first: int, last: int) -> Iterator[View | Blend]:
    into, out = piece.fade_in, piece.frames - piece.fade_out  # where the clip is all there, and where it begins to go

    def part(start: int, end: int) -> View | None:
        a, b = max(first, start), min(last, end)
        return View(piece.clip, piece.first + a, b - a) if a < b else None

    if view := part(0, into):
        yield Blend(piece.in_colour, view, step=first, steps=piece.fade_in)
    if view := part(into, out):
        yield view
    if view := part(out, piece.frames):
        yield Blend(view, piece.out_colour, step=max(first, out) - out + 1, steps=piece.fade_out)


class _Drawing:
    """Chains of filters, and which branches of the inputs they need."""

    def __init__(self, timeline: Timeline, ticks: Mapping[int, Ticks]) -> None:
        self._timeline = timeline
        self._ticks = ticks
        self._branches: dict[int, list[str]] = {}
        self.chains: list[str] = []

    def heads(self) -> Iterator[str]:
        """Each input, split into the branches that were asked for."""
        for number, (clip, branches) in enumerate(sorted(self._branches.items())):
            steps = [COLOUR_TAGS, "format=yuv420p"]
            if clip in self._ticks:
                steps.append(f"settb=1/{self._ticks[clip].timescale}")
            if colour := self._timeline.clips[clip].colour:
                steps.append(_matched(colour))
            yield f"[{number}:v:0]{','.join(steps)},split={len(branches)}{_labels(branches)}"

    def view(self, view: View, into: str) -> None:
        branches = self._branches.setdefault(view.clip, [])
        branches.append(f"c{view.clip}u{len(branches)}")
        clip, ticks = self._timeline.clips[view.clip], self._ticks.get(view.clip)
        self.chains.append(f"[{branches[-1]}]{','.join(_shown(clip, view, self._timeline.rate, ticks))}[{into}]")

    def blend(self, blend: Blend, into: str) -> None:
        sides = [f"{into}a", f"{into}b"]
        match blend.outgoing, blend.incoming:
            case View() as clip, str() as colour:
                self._beside(clip, sides[0], colour, sides[1])
            case str() as colour, View() as clip:
                self._beside(clip, sides[1], colour, sides[0])
            case View() as outgoing, View() as incoming:
                self.view(outgoing, sides[0])
                self.view(incoming, sides[1])
        if blend.wipe is not None:
            self.chains.append(f"{_labels(sides)}{_wiped(blend, blend.wipe, self._timeline.size)}[{into}]")
            return
        # xfade knows no yuv420p: whatever is near it would be turned to full colour and back. It knows grey, so the
        # planes are mixed one by one.
        rate = self._timeline.rate
        mix = f"xfade=transition=fade:duration={_us(blend.steps, rate)}us:offset=-{_us(blend.step, rate)}us"
        for side in sides:
            self.chains.append(f"[{side}]extractplanes=y+u+v{_labels([f'{side}{plane}' for plane in 'yuv'])}")
        self.chains += (f"{_labels([f'{side}{plane}' for side in sides])}{mix}[{into}{plane}]" for plane in "yuv")
        self.chains.append(f"{_labels([f'{into}{plane}' for plane in 'yuv'])}{_TOGETHER}[{into}]")

    def _beside(self, view: View, into: str, colour: str, painted: str) -> None:
        """A clip, and as many frames of a colour: the clip's own, painted over."""
        y, cb, cr = yuv(colour)
        self.view(view, f"{into}v")
        self.chains.append(f"[{into}v]split[{into}][{painted}v]")
        self.chains.append(f"[{painted}v]lutyuv=y={y}:u={cb}:v={cr}[{painted}]")


def yuv(colour: str) -> tuple[int, int, int]:
    """``#rrggbb`` as 8-bit Y, Cb, Cr of the house: BT.709, limited range (ITU-R BT.709-6, 3 and 4)."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    cb, cr = (blue - light) / 1.8556, (red - light) / 1.5748
    return round(16 + 219 * light), round(128 + 224 * cb), round(128 + 224 * cr)


def _shown(clip: TimelineClip, view: View, rate: Rate, ticks: Ticks | None) -> list[str]:
    """Filters that make a branch of a clip show what ``TimelineClip.source_at`` says."""
    first, last = clip.source_at(view.offset), clip.source_at(view.offset + view.frames - 1)
    if ticks is None:
        cut = f"trim=start_frame={first}:end_frame={last + 1}"
    else:
        half = ticks.frame // 2  # a stamp that was rounded on the way is still its frame's
        start, end = (ticks.first + frame * ticks.frame - half for frame in (first, last + 1))
        cut = f"trim=start_pts={start}:end_pts={end}"
    if clip.speed.fraction == 1 and last - first + 1 == view.frames:
        return [cut, _numbered(rate)]
    # Each source frame is due when the film first asks for it, and stands until the next one is; the last one until
    # the end, which one more frame marks.
    count, num, den = last - first + 1, clip.speed.num, clip.speed.den
    due = f"max(0,ceil((N+{first - clip.source_frame})*{den}/{num})-{view.offset})".replace("+-", "-").replace(
        "--", "+"
    )
    return [
        *(cut, "tpad=stop=1:stop_mode=clone", f"settb={rate.den}/{rate.num}"),
        f"setpts='if(lt(N,{count}),{due},{view.frames})'",
        *(f"fps={rate.num}/{rate.den}", f"trim=end_frame={view.frames}", _numbered(rate)),
    ]


def _wiped(blend: Blend, wipe: Transition, size: tuple[int, int]) -> str:
    """Both pictures side by side; what the wipe has covered changes places, and the left one is the film.

    The edge lies on the nearest whole pair of pixels, so that colours, of which there is one a pair, have it too.
    """
    width, height = size
    sideways = wipe.direction in ("left_to_right", "right_to_left")
    side = width if sideways else height
    edge = f"2*floor(((n+{blend.step})*{side}+{blend.steps})/{2 * blend.steps})"
    wide, high = (edge, str(height)) if sideways else (str(width), edge)
    left = f"{width}-{edge}" if wipe.direction == "right_to_left" else "0"
    top = f"{height}-{edge}" if wipe.direction == "bottom_to_top" else "0"
    swap = f"swaprect=w='{wide}':h='{high}':x1='{left}':y1='{top}':x2='{width}+{left}':y2='{top}'"
    return f"hstack,{swap},crop={width}:{height}:0:0"


def _matched(colour: ColourMatch) -> str:
    luma = f"clip(round(16+(val-16)*{colour.y_gain:.6f}+({colour.y_offset:.6f})),16,235)"
    chroma = [f"clip(round(val+({offset:.6f})),16,240)" for offset in (colour.cb_offset, colour.cr_offset)]
    return f"lutyuv=y='{luma}':u='{chroma[0]}':v='{chroma[1]}'"


def _numbered(rate: Rate) -> str:
    return f"settb={rate.den}/{rate.num},setpts=N,fps={rate.num}/{rate.den}"


def _labels(names: Sequence[str]) -> str:
    return "".join(f"[{name}]" for name in names)


def _us(frames: int, rate: Rate) -> int:
    """``frames`` in whole microseconds, the unit of ffmpeg's durations."""
    return round(frames * 1_000_000 * rate.den / rate.num)
