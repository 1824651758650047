"""How loud the film is: measuring by EBU R 128, and mastering the mix to the level of web video.

Gain, then a true-peak limiter, then AAC; what counts is measured on the *encoded* sound and corrected, because the
limiter takes loudness away and the encoder adds up to 0.3 dB of peak. No dynamic normalisation: two-pass loudnorm
silently turns dynamic and pumps.

**Length.** AAC starts with 1,024 samples of priming and fills its last packet. The .m4a written here carries an edit
list that hides the priming, and its track lasts exactly as many samples as the mix (a decoder may hand out the
filling too, at most 1,023 samples of silence). Whoever copies its packets into the film must keep their timestamps:
the first packet has a *negative* time (−1,024 samples), which the mp4 muxer turns into the same edit list. Shifting
packets to start at 0 makes sound 21 ms late.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from studio_pipeline.errors import ProviderFailed
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.media.ffmpeg import BITEXACT, as_argument, run_ffmpeg
from studio_pipeline.media.sound import RATE_HZ
from studio_pipeline.whole_file import disk_errors_told, whole_file

TARGET_LUFS = -16.0
PEAK_DBTP = -1.5
"""Ceiling of the limiter. The encoded sound stays below −1.0, what players and stores ask for."""
ALLOWED_PEAK_DBTP = -1.0

_CLOSE_ENOUGH_LU = 0.3
_ENCODES = 4
_LOUDEST_GAIN_DB = 30.0
"""A mix quieter than this much below the target has nothing in it but noise."""
_LIMITER_HZ = 192_000
_AAC = ("-c:a", "aac", "-profile:a", "aac_low", "-b:a", "192k", "-ar", str(RATE_HZ), "-ac", "2", "-threads", "1")


class Loudness(Frozen):
    """What a listener gets. ``None`` for a sound with nothing in it that the standard would measure."""

    integrated_lufs: float | None
    true_peak_dbtp: float | None
    range_lu: float | None


def measure(path: Path) -> Loudness:
    """The loudness of the first sound track in ``path``, a wav, an .m4a or a film.

    Raises:
        MediaDamaged: there is no sound to decode.
    """
    log = run_ffmpeg(
        ["-i", as_argument(path), "-map", "0:a:0", "-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"]
    )
    summary = log[log.rfind("Summary:") :]
    lufs, peak = _number(summary, r"I:\s*(\S+) LUFS"), _number(summary, r"Peak:\s*(\S+) dBFS")
    if lufs is None or lufs <= -70.0:  # the gate of the standard: nothing was louder
        return Loudness(integrated_lufs=None, true_peak_dbtp=peak, range_lu=None)
    return Loudness(integrated_lufs=lufs, true_peak_dbtp=peak, range_lu=_number(summary, r"LRA:\s*(\S+) LU\b"))


def master(wav: Path, into: Path, target_lufs: float = TARGET_LUFS, peak_dbtp: float = PEAK_DBTP) -> Loudness:
    """Write ``wav`` as AAC-LC in .m4a at ``target_lufs`` (±0.3 where peaks allow), below −1.0 dBTP; what it measures.

    A mix without sound stays one: nothing is amplified.

    Raises:
        MediaDamaged: the mix does not decode.
        HomeFull: no space left.
    """
    before = measure(wav).integrated_lufs
    silent = before is None or target_lufs - before > _LOUDEST_GAIN_DB
    gain_db, ceiling_db = 0.0 if before is None or silent else target_lufs - before, peak_dbtp
    with disk_errors_told(into, "The film's sound"), whole_file(into) as unfinished:
        for left in reversed(range(_ENCODES)):
            _encode(wav, unfinished, gain_db, ceiling_db)
            heard = measure(unfinished)
            over_db = -math.inf if heard.true_peak_dbtp is None else heard.true_peak_dbtp - ALLOWED_PEAK_DBTP
            off_lu = 0.0 if silent or heard.integrated_lufs is None else target_lufs - heard.integrated_lufs
            if over_db <= 0 and (abs(off_lu) <= _CLOSE_ENOUGH_LU or not left):
                return heard
            # Gain that runs into the limiter is lost in part: ask for more than what is missing.
            gain_db += 1.5 * off_lu if off_lu > 0 else off_lu
            ceiling_db -= over_db + 0.1 if over_db > 0 else 0.0
        raise ProviderFailed(
            "The film's sound peaks too high after every correction",
            where=str(wav),
            todo="Report this with the mix; it should not be possible.",
        )


def _encode(wav: Path, into: Path, gain_db: float, ceiling_db: float) -> None:
    limit = 10 ** (ceiling_db / 20)
    chain = (
        f"volume={gain_db:.4f}dB:precision=double,"
        f"aresample={_LIMITER_HZ},"
        f"alimiter=limit={limit:.6f}:level=false:attack=5:release=80:latency=true,"
        f"aresample={RATE_HZ}"
    )
    run_ffmpeg(["-i", as_argument(wav), "-af", chain, *_AAC, *BITEXACT, "-f", "ipod", as_argument(into)])


def _number(log: str, pattern: str) -> float | None:
    found = re.search(pattern, log)
    value = float(found.group(1)) if found else math.nan
    return value if math.isfinite(value) else None
