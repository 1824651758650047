"""A production in words and tables, as a person reads it after ``produce``, ``choose`` and ``retake``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from studio_pipeline.cli.progress import STAGE_STYLES
from studio_pipeline.cli.result import PilotResult, Result
from studio_pipeline.cli.words import count, length, shown
from studio_pipeline.film.film import Film
from studio_pipeline.wording import places_for, plain, usd

_WIDTH_OF_A_FILE = 120
"""Columns when the output is no terminal."""
_MOST_REASONS = 3
"""Reasons of a verdict that are shown; the UI has all."""

STATES = {
    "delivered": ("delivered", "bold green"),
    "partial": ("delivered, but not all of it", "bold yellow"),
    "awaiting_choice": ("ready; now choose a cut", "bold cyan"),
    "failed": ("stopped: it cannot go on", "bold red"),
    "working": ("not finished", "bold yellow"),
}


def console(*, stderr: bool = False) -> Console:
    """Where a command prints: coloured on a terminal, plain and wide anywhere else."""
    stream = sys.stderr if stderr else sys.stdout
    width = shutil.get_terminal_size().columns if stream.isatty() else _WIDTH_OF_A_FILE
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def table(*columns: str, numbers: Sequence[str] = ()) -> Table:
    """A table without lines; the columns named in ``numbers`` are aligned to the right."""
    made = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for column in columns:
        right = column in numbers
        made.add_column(column, justify="right" if right else "left", no_wrap=right, overflow="fold", vertical="top")
    return made


def text(value: object, style: str = "") -> Text:
    """A cell that holds what somebody wrote, never markup; lines stay lines."""
    return Text("\n".join(plain(line) for line in str(value).splitlines()), style=style)


def indented(made: Table) -> Padding:
    return Padding(made, (0, 0, 0, 2))


def heading(out: Console, words: str) -> None:
    out.print()
    out.print(Text(words, style="bold"))


def fields(out: Console, rows: Iterable[tuple[str, str]]) -> None:
    """Lines of a name and a value; a long value is never broken, so that a path can be copied."""
    rows = [row for row in rows if row[1]]
    width = max((len(name) for name, _ in rows), default=0)
    for name, value in rows:
        out.print(Text.assemble("  ", (f"{name:<{width}}", "dim"), "  ", plain(value)), soft_wrap=True)


def print_result(result: Result, *, took: str = "") -> None:
    """All of it: the film, the pilots, the cuts, the money, and what to do next."""
    out = console()
    words, style = STATES[result.state]
    title = Text.assemble((plain(result.brief.title), "bold"), "  ", (words, style))
    title.append(f"  {took}", style="dim")
    out.print(title, soft_wrap=True)
    print_film(out, result)
    print_pilots(out, result)
    print_cuts(out, result)
    print_money(out, result)
    print_troubles(out, result)
    print_next(out, result)


def print_film(out: Console, result: Result) -> None:
    film = result.final
    if film is None:
        if result.film is not None:
            out.print(Text(f"  The film made before is still there: {shown(result.folder / result.film.film)}"))
        return
    loudness = f", {film.integrated_lufs:.1f} LUFS" if film.integrated_lufs is not None else ", silent"
    facts = f"{length(film.duration_s)}, {film.size[0]}×{film.size[1]}{loudness}"
    files = result.deliverables()
    rows = [
        ("film", f"{_path(files['film'])}   ({facts})"),
        *(
            (f"in {dub.language}", f"{_path(str(result.folder / dub.film))}   ({length(dub.duration_s)})")
            for dub in film.dubs
        ),
        ("captions", _together(files, CAPTIONS) or "none: nobody says a word"),
        ("timelines", _together(files, TIMELINES)),
        ("all cuts", f"{_path(files['cuts'])}/   small films with timecode, contact sheets, timelines"),
        ("contact sheet", _path(files["contact_sheet"])),
        ("sound", _path(files["waveform"]) if "waveform" in files else ""),
        ("report", _path(files["report"])),
        ("who made what", f"{_path(files['provenance'])}{_signature(film)}" if "provenance" in files else ""),
    ]
    out.print()
    fields(out, rows)
    for line in film.missing:
        out.print(Padding(text(f"missing: {line}", "yellow"), (0, 0, 0, 2)))
    for line in film.flagged:
        out.print(Padding(text(f"could not be used: {line}", "bold red"), (0, 0, 0, 2)))
    cut = result.cuts.cut(film.cut) if result.cuts else None
    for line in (*(cut.notes if cut else ()), *film.notes):
        out.print(Padding(text(f"note: {line}", "dim"), (0, 0, 0, 2)))


def _signature(film: Film) -> str:
    return f"   and signed in the film by {film.signed_by}" if film.signed_by else ""


CAPTIONS = ("captions_srt", "captions_vtt", "captions_ass", "captions_words")
TIMELINES = ("otio", "edl", "xml", "fcpxml", "kdenlive", "ale", "csv")


def _together(files: Mapping[str, str], kinds: Sequence[str]) -> str:
    """The first of these files with its path, of the others only how their names end."""
    first, *others = [files[kind] for kind in kinds if kind in files] or [""]
    stem = first.rpartition(".")[0]
    return "   ".join([_path(first), *(name.removeprefix(stem) for name in others)]) if first else ""


def _path(path: str) -> str:
    from pathlib import Path

    return shown(Path(path))


def print_pilots(out: Console, result: Result) -> None:
    if not result.pilots:
        return
    heading(out, f"Pilots{_label(result)}")
    amounts = [a for p in result.pilots for a in (p.staked_usd, p.budget_usd, p.settled_usd)]
    places = places_for(amounts)
    made = table(
        "tier",
        "stage",
        "rating",
        "verdict",
        "staked",
        "budget",
        "spent",
        numbers=("rating", "staked", "budget", "spent"),
    )
    for pilot in result.pilots:
        made.add_row(
            pilot.tier,
            Text(pilot.stage, style=STAGE_STYLES.get(pilot.stage, "")),
            "–" if pilot.rating is None else f"{pilot.rating:.0f}",
            _verdict(pilot),
            usd(pilot.staked_usd, places=places),
            usd(pilot.budget_usd, places=places),
            usd(pilot.settled_usd, places=places),
        )
    out.print(indented(made))
    for pilot in result.pilots:
        if pilot.reasons and (pilot.spared or pilot.verdict == "cancel"):
            why = (
                "would be cancelled, and goes on as the best: a film must come out" if pilot.spared else "was cancelled"
            )
            out.print(text(f"  {pilot.tier} {why}:"))
            for reason in pilot.reasons[:_MOST_REASONS]:
                out.print(Padding(text(f"· {reason}", "dim"), (0, 0, 0, 4)))


def _verdict(pilot: PilotResult) -> str:
    if pilot.verdict is None:
        return "–"
    return "cancelled" if pilot.verdict == "cancel" else f"continue, {pilot.share_pct} %"


def _label(result: Result) -> str:
    return " · simulated money: nobody was charged" if result.totals.simulated else ""


def print_cuts(out: Console, result: Result) -> None:
    if result.cuts is None:
        return
    heading(out, "Cuts")
    made = table("", "name", "rating", "length", "needs", "why", numbers=("rating", "length", "needs"))
    places = places_for([cut.needs_usd for cut in result.cuts.cuts])
    for cut in result.cuts.cuts:
        marks = [
            "chosen" if cut.name == result.chosen else "",
            "recommended" if cut.name == result.cuts.recommended else "",
        ]
        made.add_row(
            "▶" if cut.name == result.chosen else " ",
            Text(cut.name, style="bold" if marks[1] else ""),
            f"{cut.rating:.0f}",
            length(cut.timeline.duration_s),
            "" if cut.needs_usd == 0 else usd(cut.needs_usd, places=places),
            text(("Recommended. " if marks[1] else "") + cut.rationale),
        )
    out.print(indented(made))


def print_money(out: Console, result: Result) -> None:
    totals = result.totals
    amounts: list[Decimal | None] = [result.cap_usd, totals.settled_usd, totals.reserved_usd, totals.avoided_usd]
    places = places_for(amounts)
    parts = [f"{usd(totals.settled_usd, places=places)} spent of {usd(result.cap_usd, places=places)}"]
    if totals.reserved_usd:
        parts.append(f"{usd(totals.reserved_usd, places=places)} set aside for purchases nobody has answered for")
    if totals.lost_usd:
        parts.append(f"{usd(totals.lost_usd, places=places)} of it lost to failed purchases")
    if totals.avoided_usd:
        parts.append(f"{usd(totals.avoided_usd, places=places)} saved by using takes again")
    over_usd = totals.settled_usd + totals.reserved_usd - (result.cap_usd or Decimal(0))
    heading(out, f"Money{_label(result)}")
    if over_usd > 0:
        words = (
            f"  The cap is passed by {usd(over_usd, places=places_for([over_usd]))}: a vendor charged above its word."
        )
        out.print(Text(words, style="bold red"))
    out.print(Text(f"  {'; '.join(parts)}"))


def print_troubles(out: Console, result: Result) -> None:
    too_dear = [f"{_place(ref)}: {_too_dear(result, ref)}" for ref in result.sheet.unaffordable]
    _print_lines(out, f"No money for {count(len(too_dear), 'shot')}", too_dear)
    flagged = [f"{_place(ref)}: {_reason(result, ref)}" for ref in result.sheet.flagged]
    _print_lines(out, f"No vendor made {count(len(flagged), 'part')}", flagged)
    print_notices(out, result, most=_MOST_LINES)
    if result.troubles:
        heading(out, "What failed")
        for trouble in result.troubles[:_MOST_LINES]:
            out.print(Padding(text(trouble.words, "red"), (0, 0, 0, 2)))
        _and_more(out, len(result.troubles))


def print_notices(out: Console, result: Result, *, most: int | None = None) -> None:
    """What did not go as planned: all of it, or so many lines."""
    _print_lines(out, "Not as planned", [f"{notice.place}: {notice.words}" for notice in result.notices], most=most)


_MOST_LINES = 8


def _print_lines(out: Console, title: str, lines: list[str], *, most: int | None = _MOST_LINES) -> None:
    if not lines:
        return
    heading(out, title)
    for line in lines[:most]:
        out.print(Padding(text(line, "yellow"), (0, 0, 0, 2)))
    if most is not None:
        _and_more(out, len(lines))


def _place(ref: str) -> str:
    return ref.partition("/")[2]


def _reason(result: Result, ref: str) -> str:
    absent = result.facts.headers[ref].absent
    return absent.reason if absent else "it was not made"


def _and_more(out: Console, lines: int) -> None:
    if lines > _MOST_LINES:
        out.print(Text(f"  … and {lines - _MOST_LINES} more: studio status shows all", style="dim"))


def _too_dear(result: Result, ref: str) -> str:
    absent = result.facts.headers[ref].absent
    needed = absent.needed_usd if absent else None
    return f"needs {usd(needed, places=places_for([needed]))}"


def print_next(out: Console, result: Result) -> None:
    name = result.production
    rows: list[tuple[str, str]] = []
    if result.state == "awaiting_choice" and result.cuts is not None:
        best = result.folder / "cuts" / f"{result.cuts.recommended}.mp4"
        rows.append(("look at the cuts", f"{shown(best)} and the others beside it"))
        rows.append(("choose a cut", f"studio choose {name} {result.cuts.recommended}"))
    if result.state in ("partial", "failed") and result.out_of_budget:
        rows.append(("finish it", result.more_money))
    elif result.state in ("partial", "failed", "working"):
        if result.state != "partial" or result.sheet.blocked or result.sheet.unaffordable:
            rows.append(("go on", f"studio produce {name}"))
        if result.damaged:
            rows.append(("make them again", f"studio produce {name}"))
        rows.append(("look closer", f"studio status {name}"))
    if result.flagged_shot is not None:
        rows.append(("ask for it again", f"studio retake {name} {result.flagged_shot}"))
    elif (shot := worst_shot(result)) is not None:
        rows.append(("re-shoot a shot", f'studio retake {name} {shot} --note "closer"'))
    rows.append(("see every step", "studio ui"))
    heading(out, "Next")
    fields(out, rows)


def worst_shot(result: Result) -> str | None:
    """The lowest rated shot of the cut that is chosen or recommended; one that was not shot again yet comes first."""
    cut = result.cuts.cut(result.chosen or "recommended") if result.cuts else None
    if cut is None:
        return None
    worst = min(cut.timeline.clips, key=lambda clip: (clip.take > 1, 100.0 if clip.rating is None else clip.rating))
    return worst.name.partition("~")[0]  # a person's cut may show it twice
