"""Takes: what was bought for a shot, and the sounds bought for a scene or a film."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.script import Mood


class Origin(Frozen):
    """Who made a piece of media, for whoever asks later."""

    role: Literal["still", "clip", "voice", "music"]
    vendor: str
    model: str
    identity: str
    """Digest of the request and its take: what the ledger knows the purchase by."""
    simulated: bool
    """Whether it was made on this machine and its price is only simulated."""


STUDIO = "studio"
"""Vendor of what the studio itself makes out of other pictures, and nobody buys."""


class Receipt(Frozen):
    """Where a piece of media came from and what it cost. The same for every use of it, also the free ones."""

    entry: str
    """The ledger entry that paid for the media."""
    identity: str
    vendor: str
    model: str
    price_usd: Decimal
    """What the entry settled at."""
    simulated: bool
    events: tuple[str, ...] = ()
    """Downgrades and oddities a person should see, in plain words."""

    def origin(self, role: Literal["still", "clip", "voice", "music"]) -> Origin:
        return Origin(role=role, vendor=self.vendor, model=self.model, identity=self.identity, simulated=self.simulated)


class Take(Frozen):
    """One purchase for a shot. Takes of a shot are numbered from 1."""

    number: int = Field(ge=1)
    clip: MediaRef
    poster: MediaRef
    frames: int
    note: str = ""
    """What a person asked to be different, for a retake."""
    prompt: str = ""
    """What it was made from, where that was not the planned prompt: a refinement says it otherwise."""
    plan_digest: str
    """Digest of the planned shot this take was made from."""
    still: Receipt
    video: Receipt
    still_number: int | None = None
    """The number its still was bought under, where that is another one: a still outlives a clip that failed."""
    softened: bool = False
    """Whether the prompt was put more softly, for a vendor whose moderation had refused it."""
    still_softened: bool = False
    """Whether that was so for the still already: one that was there before the clip was refused keeps its words."""
    events: tuple[str, ...] = ()
    """What did not go as planned on the way: failed takes, a softened prompt, another vendor; in plain words."""


class ShotTakes(Frozen):
    """All takes of one shot; ``circled`` is the number of the one the film uses."""

    shot: str
    takes: tuple[Take, ...] = Field(min_length=1)
    circled: int
    ordered: bool = False
    """Whether a person has ordered a take: then the policy of the brief neither buys more nor circles another."""
    lost: int = 0
    """How many more takes the policy of the brief has asked for in vain."""

    @property
    def take(self) -> Take:
        """The circled take."""
        return next(take for take in self.takes if take.number == self.circled)


class Word(Frozen):
    """One spoken word: where it starts and ends in its sound, in seconds, and its place in the text."""

    text: str
    start_s: float
    end_s: float


class Narration(Frozen):
    """The spoken narration of one scene in one language: mono wav, and word times measured from its first sample."""

    scene: int
    text: str
    language: str
    sound: MediaRef | None
    """``None`` when the scene has nothing to say; for a dub, when it could not be made: its events say why."""
    duration_s: float
    words: tuple[Word, ...] = ()
    receipt: Receipt | None = None
    events: tuple[str, ...] = ()
    dubs: tuple[Narration, ...] = ()
    """The same words in further languages, in the order of the brief; empty where the scene says nothing."""

    def dub(self, language: str) -> Narration | None:
        """These words in ``language``."""
        return next((dub for dub in self.dubs if dub.language == language), None)

    @property
    def undubbed(self) -> Narration:
        """What was said, without the further languages."""
        return self.model_copy(update={"dubs": ()})


class MusicTrack(Frozen):
    """A piece of music in one mood: stereo wav that ends instead of stopping."""

    mood: Mood
    sound: MediaRef
    duration_s: float = Field(gt=0)
    tempo_bpm: float | None = None
    """``None`` where the vendor does not say."""
    beats_s: tuple[float, ...] = ()
    """Times of its beats, rising; empty where the vendor does not say."""
    receipt: Receipt


class MusicCue(Frozen):
    """From this scene on, until the next cue, the film is in this mood's music."""

    first_scene: int = Field(ge=1)
    mood: Mood


class Music(Frozen):
    """The music of a film: one track for each mood it is in, and which of them each scene has.

    A track is as long as the longest run of scenes in its mood, or shorter where its vendor makes no longer ones.
    Where it lies in a cut is the editor's business.
    """

    tracks: tuple[MusicTrack, ...] = Field(min_length=1)
    """No two in one mood."""
    cues: tuple[MusicCue, ...] = Field(min_length=1)
    """In the order of the story; every one's mood has a track."""
    events: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Music:
        moods = [track.mood for track in self.tracks]
        if len(set(moods)) != len(moods):
            raise ValueError("two tracks in one mood")
        if not {cue.mood for cue in self.cues} <= set(moods):
            raise ValueError("a cue in a mood without a track")
        firsts = [cue.first_scene for cue in self.cues]
        if firsts != sorted(set(firsts)):
            raise ValueError("cues are not in the order of the story")
        return self

    def track(self, mood: Mood) -> MusicTrack:
        return next(track for track in self.tracks if track.mood == mood)

    def mood_of(self, scene: int) -> Mood:
        """The mood of the music that scene number ``scene`` has."""
        begun: list[Mood] = [cue.mood for cue in self.cues if cue.first_scene <= scene]
        return begun[-1] if begun else self.cues[0].mood
