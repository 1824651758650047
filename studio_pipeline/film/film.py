"""The delivered film: which files it is, how long, how loud, and what it lacks."""

from __future__ import annotations

from pydantic import Field

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.media_ref import MediaRef


class Rendering(Frozen):
    """How the picture came about, in frames. They add up to the film."""

    copied_frames: int = Field(ge=0)
    """Taken over bit for bit."""
    encoded_frames: int = Field(ge=0)
    """Drawn and encoded for this film."""
    cached_frames: int = Field(ge=0)
    """Drawn for an earlier one and found again."""
    fallback: str = ""
    """Why the whole film had to be drawn, in words; empty when it had not."""


class Version(Frozen):
    """The film in one language. Files are names inside the film's folder, by what they are."""

    language: str
    film: str
    files: dict[str, str]
    """Captions and timelines: ``captions_srt``, ``otio``, …"""
    frames: int = Field(gt=0)
    duration_s: float
    integrated_lufs: float | None
    """Loudness over the whole film; ``None`` for silence."""
    true_peak_dbtp: float | None
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the film's file."""
    content_digest: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the file before it was signed, see ``Film``."""
    rendering: Rendering | None = None


class Film(Frozen):
    """A finished film. Files are names inside the film's folder; where that folder is, the home knows."""

    cut: str
    film: str
    files: dict[str, str]
    """Everything besides the film, by what it is: ``captions_srt``, ``otio``, ``contact_sheet``, ``report``, …"""
    frames: int = Field(gt=0)
    duration_s: float
    size: tuple[int, int]
    """Width and height in pixels."""
    integrated_lufs: float | None
    """Loudness over the whole film; ``None`` for silence."""
    true_peak_dbtp: float | None
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the film's file."""
    content_digest: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the file before it was signed: equal films of different signers differ in their signature alone.
    ``None`` for films of earlier versions, which nobody signed."""
    signed_by: str = ""
    """Who signed its files, in words; empty where nobody did."""
    rendering: Rendering | None = None
    missing: tuple[str, ...] = ()
    """What the script asks for and the film does not have, in words."""
    flagged: tuple[str, ...] = ()
    """Media that could not be used as they are, in words. A card stands in for a picture that cannot be shown."""
    damaged: tuple[MediaRef, ...] = ()
    """Media whose files were gone or changed when it was made. Once they are whole again, it has to be made again."""
    notes: tuple[str, ...] = ()
    """What was done to media so that they fit, in words."""
    dubs: tuple[Version, ...] = ()
    """The film in further languages."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all files of the film, besides the folder of the other cuts."""
        dubbed = (name for dub in self.dubs for name in (dub.film, *dub.files.values()))
        return (self.film, *self.files.values(), *dubbed)
