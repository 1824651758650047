"""How loud the film is: measuring by EBU R 128, and mastering the mix to the level it is to be handed over at.

Gain, then a true-peak limiter that knows the whole film, then AAC; what counts is measured on the *encoded* sound and
corrected, because the limiter takes loudness away (which is foreseen) and the encoder adds up to 0.5 dB of peak (which
is learned). A correction encodes only the pieces that it changes. No dynamic normalisation: two-pass loudnorm silently
turns dynamic and pumps.
"""

from __future__ import annotations

import hashlib
import math
import re
import shutil
import tempfile
from pathlib import Path

from studio_pipeline.errors import ProviderFailed
from studio_pipeline.film.frozen import Frozen, digest_of
from studio_pipeline.media.aac import encode_aac
from studio_pipeline.media.ffmpeg import as_argument, run_ffmpeg
from studio_pipeline.media.limiter import Peaks, limited, peaks
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.sound import ratio, read_range, wav_facts
from studio_pipeline.whole_file import disk_errors_told, whole_file

TARGET_LUFS = -16.0
PEAK_DBTP = -1.5
"""No true peak of the encoded sound is above it."""

_ENCODER_DB = 0.6
"""How far below the peak the limiter holds at first: more than the encoder added in nine of ten films measured."""
_GAIN_GRID_DB = 0.25
"""The gain is a multiple of this, so that a changed line leaves the level of all others, and their pieces, alone."""
_CLOSE_ENOUGH_LU = 0.3
_MOST_LOSS_LU = 6.0
"""The limiter may take this much and no more: what would need it is all peaks, and stays quieter than the target."""
_ROUNDS = 4
_NOTHING_LUFS = -50.0
"""A mix quieter than this has nothing in it but its room tone, which measures −58."""
_READ_DB = 0.05
"""What is measured comes in tenths: within this a peak said to be lower is lower."""
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
    meter = f"ebur128=peak={'true' if peak else 'none'}:framelog=quiet"
    log = run_ffmpeg(["-i", as_argument(path), "-map", "0:a:0", "-af", meter, "-f", "null", "-"])
    summary = log[log.rfind("Summary:") :]
    lufs, highest = _number(summary, r"I:\s*(\S+) LUFS"), _number(summary, r"Peak:\s*(\S+) dBFS")
    if lufs is None or lufs <= -70.0:  # the gate of the standard: nothing was louder
        return Loudness(integrated_lufs=None, true_peak_dbtp=highest, range_lu=None)
    return Loudness(integrated_lufs=lufs, true_peak_dbtp=highest, range_lu=_number(summary, r"LRA:\s*(\S+) LU\b"))


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
        recipe = ["master", _VERSION, mix, target_lufs, peak_dbtp]
        said: list[Loudness] = []
        sound = kept.get(
            digest_of(recipe), ".m4a", lambda made: said.append(_mastered(wav, made, target_lufs, peak_dbtp, kept))
        )
        loudness = kept.get(
            digest_of([*recipe, "loudness"]),
            ".json",
            lambda made: made.write_text((said or [measure(sound)])[0].model_dump_json(), encoding="utf-8"),
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
    for left in reversed(range(_ROUNDS)):
        gain_db = 0.0 if silent else _foreseen(seen, missing_lu, ceiling_db)
        _encode(wav, into, seen, ratio(gain_db), ratio(ceiling_db), kept)
        heard = measure(into)
        over_db = -math.inf if heard.true_peak_dbtp is None else heard.true_peak_dbtp + _READ_DB - peak_dbtp
        off_lu = 0.0 if silent or heard.integrated_lufs is None else target_lufs - heard.integrated_lufs
        missing_lu = min(missing_lu + (off_lu if abs(off_lu) > _CLOSE_ENOUGH_LU else 0.0), most_db)
        settled = silent or not left or _foreseen(seen, missing_lu, ceiling_db) == gain_db
        if over_db <= 0 and settled:
            return heard.model_copy(update={"integrated_lufs": None, "range_lu": None}) if silent else heard
        ceiling_db -= over_db + 0.1 if over_db > 0 else 0.0
    raise ProviderFailed(
        "The film's sound peaks too high after every correction",
        where=str(wav),
        todo="Report this with the mix; it should not be possible.",
    )


def _foreseen(seen: Peaks, missing_lu: float, ceiling_db: float) -> float:
    """The gain that brings ``missing_lu`` after the limiter has taken its share; gain that runs into it is lost."""
    gain_db = missing_lu
    for _ in range(6):
        loss_lu = seen.loss_db(seen.reduction_db(ratio(gain_db), ratio(ceiling_db)))
        gain_db = missing_lu + min(loss_lu, _MOST_LOSS_LU)
    return round(gain_db / _GAIN_GRID_DB) * _GAIN_GRID_DB


def _encode(wav: Path, into: Path, seen: Peaks, gain: float, ceiling: float, kept: RenderCache) -> None:
    reduction_db = seen.reduction_db(gain, ceiling)
    encode_aac(
        lambda first, last: limited(read_range(wav, first, last), first, gain, reduction_db),
        wav_facts(wav).samples,
        into,
        kept,
    )


def _number(log: str, pattern: str) -> float | None:
    found = re.search(pattern, log)
    value = float(found.group(1)) if found else math.nan
    return value if math.isfinite(value) else None
