"""What a film will cost, before a cent is spent: expected, and at most.

Prices are the rate cards'; what a model really makes (whole clips of certain lengths) is its capabilities'. How a
budget is split by these sums is the producer's (``stages/planning/producer.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, get_args

from studio_pipeline.budget.rate_cards import Quote, RateCards
from studio_pipeline.editorial.music_cues import CROSSFADE_S, LEAST_CUE_S, SPARE_S
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Tier
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Mood
from studio_pipeline.film.shots import HANDLE_FRAMES
from studio_pipeline.orchestration.thinking import Thinking
from studio_pipeline.prose.pace import MOST_CHARACTERS_PER_S
from studio_pipeline.providers import factory
from studio_pipeline.providers.capabilities import vendor_of
from studio_pipeline.settings import settings

if TYPE_CHECKING:
    from studio_pipeline.orchestration.studio_home import StudioHome

CHARACTERS_PER_S = 14
"""Of narration, spaces included: 2.35 English words a second (``prose/pace.py``) of six characters each."""
EXPECTED_TRACKS = 2
"""Moods that a film is in for long enough to have their own music: as many as the examples of 30 and 60 s."""


@dataclass(frozen=True)
class Estimate:
    """The prices of one film with the vendors in use."""

    cards: RateCards
    voice_model: str
    music_model: str
    film_s: float
    rate: Rate
    dubs: int = 0
    """How many further languages it is spoken in."""
    thinking: Thinking | None = None
    """What language models are asked; ``None`` for nothing."""

    def expected_usd(self, tier: Tier, seconds: float, pictures: int) -> Decimal:
        """``seconds`` of film in ``pictures`` shots, each made once, with their narration in all languages and the
        film's music, and what is asked of language models on the way."""
        each = self.rate.frames(seconds / pictures) + 2 * HANDLE_FRAMES
        parts = self._parts(tier, [each] * pictures, seconds * CHARACTERS_PER_S, min(EXPECTED_TRACKS, self.most_tracks))
        thought = self.thinking.pilot_usd(pictures) if self.thinking else Decimal(0)
        return sum((quote.expected_usd for quote in parts), thought)

    def most_usd(self, tier: Tier, shots: int, takes: int) -> Decimal:
        """The whole film with ``shots`` shots and ``takes`` takes of each, at the highest prices there may be."""
        film = self.rate.frames(self.film_s)
        each = -(-film // shots) + 2 * HANDLE_FRAMES
        characters = self.film_s * MOST_CHARACTERS_PER_S
        stills, clips, *sound = self._parts(tier, [each] * shots, characters, self.most_tracks)
        pictures = (stills.max_usd + clips.max_usd) * takes
        thought = self.thinking.pilot_usd(shots, most=True) if self.thinking else Decimal(0)
        return pictures + sum((quote.max_usd for quote in sound), thought)

    @property
    def most_tracks(self) -> int:
        """How many tracks of music the film can have."""
        return max(1, min(len(get_args(Mood)), int(self.film_s / LEAST_CUE_S)))

    def _parts(self, tier: Tier, clips: list[int], characters: float, tracks: int) -> tuple[Quote, ...]:
        """Stills, clips (their lengths in frames), narration in each language, music."""
        return (
            self._quote(tier.image_model, Decimal(len(clips))),
            self._quote(tier.video_model, self._clip_quantity(tier.video_model, clips)),
            *[self._quote(self.voice_model, Decimal(round(characters)), seconds=characters / CHARACTERS_PER_S)]
            * (1 + self.dubs),
            self._music(tracks),
        )

    def _music(self, tracks: int) -> Quote:
        """Tracks are together no longer than the film, but for what each has to spare."""
        seconds = self.film_s if tracks == 1 else self.film_s + tracks * (CROSSFADE_S + SPARE_S)
        paid_by_call = self.cards.line(vendor_of(self.music_model), self.music_model).unit == "call"
        quantity = Decimal(tracks) if paid_by_call else Decimal(str(round(seconds, 3)))
        return self.cards.quote(vendor_of(self.music_model), self.music_model, quantity)

    def _clip_quantity(self, name: str, clips: list[int]) -> Decimal:
        if self.cards.line(vendor_of(name), name).unit == "call":
            return Decimal(len(clips))
        model = factory.vendors()[vendor_of(name)].models.get(name)
        if model is None or not model.durations_s:
            return Decimal(str(round(sum(self.rate.seconds(frames) for frames in clips), 3)))
        longest = max(model.durations_s)
        return sum((Decimal(str(model.seconds_for(frames, self.rate) or longest)) for frames in clips), Decimal(0))

    def _quote(self, model: str, quantity: Decimal, *, seconds: float | None = None) -> Quote:
        unit = self.cards.line(vendor_of(model), model).unit
        if unit == "call":
            quantity = Decimal(1) if seconds is not None else quantity
        elif unit == "second" and seconds is not None:
            quantity = Decimal(str(round(seconds, 3)))
        return self.cards.quote(vendor_of(model), model, quantity)


def estimate(home: StudioHome, brief: Brief) -> Estimate:
    """The estimate of a brief with the vendors of the settings."""
    used = settings().providers
    voice, music = (factory.listed(kind, used[kind])[0] for kind in ("voice", "music"))
    return Estimate(
        cards=home.rate_cards,
        voice_model=factory.own_model("voice", voice),
        music_model=factory.own_model("music", music),
        film_s=brief.duration_s,
        rate=brief.rate,
        dubs=0 if brief.rehearse else len(brief.dubs),
        thinking=Thinking(home.rate_cards, brief, factory.listed("language", used["language"])),
    )
