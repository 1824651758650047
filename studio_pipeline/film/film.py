"""The delivered film: which files it is, how long, how loud, and what it lacks."""

from __future__ import annotations

from pydantic import Field

from studio_pipeline.film.frozen import Frozen


class Film(Frozen):
    """A finished film. Files are names inside the film's folder; where that folder is, the home knows."""

    cut: str
    film: str
    captions_srt: str | None
    """``None`` when nobody says a word."""
    captions_vtt: str | None
    otio: str
    edl: str
    contact_sheet: str
    report: str
    frames: int = Field(gt=0)
    duration_s: float
    size: tuple[int, int]
    """Width and height in pixels."""
    integrated_lufs: float | None
    """Loudness over the whole film; ``None`` for silence."""
    true_peak_dbtp: float | None
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the film's file."""
    missing: tuple[str, ...] = ()
    """What the script asks for and the film does not have, in words."""

    @property
    def files(self) -> tuple[str, ...]:
        """Names of all files of the film, besides the folder of the other cuts."""
        kinds = (self.film, self.captions_srt, self.captions_vtt, self.otio, self.edl, self.contact_sheet, self.report)
        return tuple(name for name in kinds if name is not None)
