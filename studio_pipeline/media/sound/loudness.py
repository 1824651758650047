"""How loud the film is: measuring by EBU R 128, and mastering the mix to the level it is to be handed over at.

Gain, then a true-peak limiter that knows the whole film, then AAC; what counts is measured on the *encoded* sound and
corrected, because the limiter takes loudness away (which is foreseen) and the encoder adds up to 0.5 dB of peak (which
is learned, and only where it did: a correction encodes the pieces that it changes). No dynamic normalisation: two-pass
loudnorm silently turns dynamic and pumps.
"""

from __future__ import annotations

import hashlib
import math
import re
import shutil
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from studio_pipeline.errors import ProviderFailed
from studio_pipeline.film.frozen import Frozen, digest_of
from studio_pipeline.media.ffmpeg import as_argument, run_ffmpeg
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.sound.aac import FRAME, PIECE, encode_aac
from studio_pipeline.media.sound.limiter import STEP, Peaks, limited, peaks
from studio_pipeline.media.sound.samples import RATE_HZ, ratio, read_range, wav_facts
from studio_pipeline.whole_file import disk_errors_told, whole_file

TARGET_LUFS = -16.0
PEAK_DBTP = -1.5
"""No true peak of the encoded sound is above it."""

_ENCODER_DB = 0.6
"""How far below the peak the limiter holds at first; the encoder added 0.1 to 0.5 to speech, music and cracks."""
_GAIN_GRID_DB = 0.5
"""The gain is a multiple of this, so that a changed line leaves the level of all others, and their pieces, alone."""
_CLOSE_ENOUGH_LU = 0.4
_MOST_LOSS_LU = 6.0
"""The limiter may take this much and no more: what would need it is all peaks, and stays quieter than the target."""
_ROUNDS = 6
_SPARE_DB = 0.3
_NOTHING_LUFS = -50.0
"""A mix quieter than this has nothing in it but its room tone, which measures −58."""
_READ_DB = 0.05
"""What is measured comes in tenths: within this a peak said to be lower is lower."""
_METER_S = 0.1
"""How often the meter speaks of peaks."""
_AROUND = 4 * FRAME // STEP
"""Steps around a piece that are heard in it: frames overlap, and a joint may lie beside the border."""
_VERSION = 1


class Loudness(Frozen):
    """What a listener gets. ``None`` for a sound with nothing in it that the standard would measure."""

    integrated_lufs: float | None
    true_peak_dbtp: float | None
    range_lu: float | None


def measure(path: Path, *, peak: bool = True) -> Loudness:
    """The loudness of the first sound track in ``path``, a wav, an .m4a or a film; ``peak`` takes twice as long.

    Raises:
        MediaDamaged: there is no sound to decode.
    """
    return _told(_metered(path, f"peak={'true' if peak else 'none'}:framelog=quiet"))


def _metered(path: Path, options: str) -> str:
    return run_ffmpeg(["-i", as_argument(path), "-map", "0:a:0", "-af", f"ebur128={options}", "-f", "null", "-"])


def _told(log: str) -> Loudness:
    summary = log[log.rfind("Summary:") :]
    lufs, highest = _number(summary, r"I:\s*(\S+) LUFS"), _number(summary, r"Peak:\s*(\S+) dBFS")
    if lufs is None or lufs <= -70.0:  # the gate of the standard: nothing was louder
        return Loudness(integrated_lufs=None, true_peak_dbtp=highest, range_lu=None)
    return Loudness(integrated_lufs=lufs, true_peak_dbtp=highest, range_lu=_number(summary, r"LRA:\s*(\S+) LU\b"))


def _peaks_told(log: str) -> list[tuple[float, float]]:
    """End of each tenth of a second and its highest true peak in dB; what is left at the end is not told of."""
    rows = re.findall(r"t:\s*(\S+)\s.*FTPK:\s*(\S+)\s+(\S+)\s+dBFS", log)
    return [(float(end_s), max(float(left), float(right))) for end_s, left, right in rows]


def master(
    wav: Path,
    into: Path,
    target_lufs: float = TARGET_LUFS,
    peak_dbtp: float = PEAK_DBTP,
    *,
    cache: RenderCache | None = None,
) -> Loudness:
    """Write ``wav`` as AAC-LC in .m4a at ``target_lufs`` (±0.5 where peaks allow), no peak above ``peak_dbtp``.

    A mix without sound, or with nothing but room tone, stays one: nothing is amplified. The same mix gives the same
    bytes, with or without a cache.

    Args:
        wav: the mix: 48 kHz, stereo.

    Returns:
        What the encoded sound measures.

    Raises:
        MediaDamaged: the mix does not decode.
        HomeFull: no space left.
    """
    with disk_errors_told(into, "The film's sound"), tempfile.TemporaryDirectory(prefix="master-") as scratch:
        kept = cache or RenderCache(Path(scratch))
        with wav.open("rb") as file:
            mix = hashlib.file_digest(file, "sha256").hexdigest()
        recipe = ["master", _VERSION, *map(version, ("av", "imageio-ffmpeg")), mix, target_lufs, peak_dbtp]
        said: list[Loudness] = []
        sound = kept.get(
            digest_of(recipe), ".m4a", lambda made: said.append(_mastered(wav, made, target_lufs, peak_dbtp, kept))
        )
        loudness = kept.get(
            digest_of([*recipe, "loudness"]),
            ".json",
            lambda made: made.write_text(
                (said or [_of_programme(measure(sound))])[0].model_dump_json(), encoding="utf-8"
            ),
        )
        with whole_file(into) as unfinished:
            shutil.copyfile(sound, unfinished)
        return Loudness.model_validate_json(loudness.read_bytes())


def _mastered(wav: Path, into: Path, target_lufs: float, peak_dbtp: float, kept: RenderCache) -> Loudness:
    before = measure(wav, peak=False).integrated_lufs
    silent = before is None or before < _NOTHING_LUFS
    missing_lu = 0.0 if before is None or silent else target_lufs - before
    most_db, ceiling_db = missing_lu + _MOST_LOSS_LU, peak_dbtp - _ENCODER_DB
    seen = peaks(wav, ratio(missing_lu), ratio(ceiling_db))
    ceilings_db = np.full(len(seen.highest), ceiling_db)
    gain_db = 0.0 if silent else _foreseen(seen, missing_lu, ceilings_db)
    for done in range(_ROUNDS):
        _encode(wav, into, seen, gain_db, ceilings_db, kept)
        log = _metered(into, "peak=true:framelog=info")
        heard = _told(log)
        too_high = _too_high(log, heard.true_peak_dbtp, peak_dbtp - _READ_DB, wav_facts(wav).samples / RATE_HZ)
        off_lu = 0.0 if silent or heard.integrated_lufs is None else target_lufs - heard.integrated_lufs
        better_db = gain_db
        if abs(off_lu) > _CLOSE_ENOUGH_LU and done < _ROUNDS // 2:
            missing_lu = min(missing_lu + off_lu, most_db)
            better_db = _foreseen(seen, missing_lu, ceilings_db)
        if not too_high and better_db == gain_db:
            return _of_programme(heard)
        gain_db = better_db
        # What is encoded anew peaks anew: the longer that goes on, the more is put aside.
        ceilings_db = _lowered(ceilings_db, too_high, _SPARE_DB * (1 + done))
    raise ProviderFailed(
        "The film's sound peaks too high after every correction",
        where=str(wav),
        todo="Report this with the mix; it should not be possible.",
    )


def _of_programme(heard: Loudness) -> Loudness:
    """Without the loudness of what is no more than room tone."""
    nothing = heard.integrated_lufs is None or heard.integrated_lufs < _NOTHING_LUFS
    return heard.model_copy(update={"integrated_lufs": None, "range_lu": None}) if nothing else heard


def _foreseen(seen: Peaks, missing_lu: float, ceilings_db: np.ndarray) -> float:
    """The gain that brings ``missing_lu`` after the limiter has taken its share; gain that runs into it is lost."""
    gain_db, ceilings = missing_lu, 10 ** (ceilings_db / 20)
    for _ in range(6):
        loss_lu = seen.loss_db(seen.reduction_db(ratio(gain_db), ceilings))
        gain_db = missing_lu + min(loss_lu, _MOST_LOSS_LU)
    return round(gain_db / _GAIN_GRID_DB) * _GAIN_GRID_DB


def _encode(wav: Path, into: Path, seen: Peaks, gain_db: float, ceilings_db: np.ndarray, kept: RenderCache) -> None:
    gain = ratio(gain_db)
    reduction_db = seen.reduction_db(gain, 10 ** (ceilings_db / 20))
    encode_aac(
        lambda first, last: limited(read_range(wav, first, last), first, gain, reduction_db),
        wav_facts(wav).samples,
        into,
        kept,
    )


def _too_high(log: str, highest: float | None, peak_dbtp: float, length_s: float) -> list[tuple[float, float]]:
    """When peaks were above ``peak_dbtp``, and by how much."""
    found = [(end_s, peak - peak_dbtp) for end_s, peak in _peaks_told(log) if peak > peak_dbtp]
    if not found and highest is not None and highest > peak_dbtp:
        return [(length_s, highest - peak_dbtp)]
    return found


def _lowered(ceilings_db: np.ndarray, too_high: Sequence[tuple[float, float]], spare_db: float) -> np.ndarray:
    """Lower the ceilings of the pieces in which a peak was too high: encoded anew, all of such a piece comes out a
    little otherwise."""
    lower, piece = ceilings_db.copy(), PIECE * FRAME // STEP
    for end_s, over_db in too_high:
        for at_s in (end_s - _METER_S, end_s):
            first = max(round(at_s * RATE_HZ / STEP), 0) // piece * piece
            about = slice(max(first - _AROUND, 0), first + piece + _AROUND)
            lower[about] = np.minimum(lower[about], ceilings_db[about] - over_db - spare_db)
    return lower


def _number(log: str, pattern: str) -> float | None:
    found = re.search(pattern, log)
    value = float(found.group(1)) if found else math.nan
    return value if math.isfinite(value) else None
