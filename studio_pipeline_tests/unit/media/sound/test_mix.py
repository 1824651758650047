"""The mix and its stems as files: where sounds lie, how loud they are, and what is mixed again after a change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio_pipeline.editorial.timeline import MusicSpan, Speech, Timeline, TimelineClip
from studio_pipeline.errors import HomeFull, MediaDamaged
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.sound.mix import BLOCK, STEMS, Mixed, mix, sample_at
from studio_pipeline.media.sound.samples import RATE_HZ, decibels, ratio, read_wav, rms, write_wav

PICTURE = MediaRef(sha256="f" * 64, suffix=".mp4", size_bytes=1)
FPS = [24, 25, 30, 60, 23.976, 29.97, 59.94]


def ref(name: str) -> MediaRef:
    return MediaRef(sha256=name.encode().hex().rjust(64, "0"), suffix=".wav", size_bytes=1)


class Shelf:
    """Sounds by name, and films made of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, sound: np.ndarray, *, rate_hz: int = RATE_HZ, bits: int = 16) -> MediaRef:
        write_wav(self.resolve(ref(name)), sound, rate_hz=rate_hz, bits=bits)
        return ref(name)

    def resolve(self, media: MediaRef) -> Path:
        return self.folder / (media.sha256 + media.suffix)

    def mix(self, timeline: Timeline, *, cache: RenderCache | None = None, into: str = "sound") -> Mixed:
        return mix(timeline, self.resolve, self.folder / into, cache=cache)

    def hear(self, timeline: Timeline, stem: str = "mix") -> np.ndarray:
        made = self.mix(timeline)
        return read_wav({"mix": made.mix, **made.stems}[stem])[0]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A buzzing voice of two seconds, a low tone of twelve, and two pieces of noise nothing like each other."""
    shelf = Shelf(tmp_path)
    dice = np.random.default_rng(3)
    shelf.put("voice", 0.3 * np.sign(np.sin(2 * np.pi * 900 * seconds(2))))
    shelf.put("tone", stereo(0.2 * np.sin(2 * np.pi * 110 * seconds(12))))
    shelf.put("calm", soft(dice.standard_normal((12 * RATE_HZ, 2))) * 0.1)
    shelf.put("tense", soft(dice.standard_normal((12 * RATE_HZ, 2))) * 0.9)
    return shelf


def seconds(length_s: float) -> np.ndarray:
    return np.arange(round(length_s * RATE_HZ)) / RATE_HZ


def stereo(sound: np.ndarray) -> np.ndarray:
    return np.repeat(sound[:, None], 2, axis=1)


def soft(noise: np.ndarray) -> np.ndarray:
    """Without high tones, so that a jump between two samples would show."""
    window = np.hanning(101)[:, None] / np.hanning(101).sum()
    return np.stack([np.convolve(noise[:, side], window[:, 0], "same") for side in (0, 1)], axis=1)


def film(
    length_s: float = 12, *, fps: float = 24, speeches: tuple[Speech, ...] = (), music: tuple[MusicSpan, ...] = ()
) -> Timeline:
    rate = Rate.of(fps)
    frames = max(1, rate.frames(length_s))
    clip = TimelineClip(name="a", media=PICTURE, media_frames=frames, source_frame=0, frames=frames, scene=1, take=1)
    return Timeline(
        name="c", title="T", language="en", rate=rate, size=(64, 36), clips=(clip,), narration=speeches, music=music
    )


def says(at_s: float, *, name: str = "voice", length_s: float = 2, fps: float = 24) -> Speech:
    rate = Rate.of(fps)
    return Speech(scene=1, media=ref(name), record_frame=rate.frames(at_s), frames=rate.frames(length_s), text="Buzz.")


def plays(name: str, at_s: float, until_s: float, *, source_s: float = 0, fade_in_s: float = 0, fade_out_s: float = 0):
    rate = Rate.of(24)
    return MusicSpan(
        media=ref(name),
        record_frame=rate.frames(at_s),
        frames=rate.frames(until_s) - rate.frames(at_s),
        source_frame=rate.frames(source_s),
        fade_in=rate.frames(fade_in_s),
        fade_out=rate.frames(fade_out_s),
    )


def low(sound: np.ndarray) -> float:
    """Level of what lies below 200 Hz: the music alone, also under the voice."""
    spectrum = np.fft.rfft(sound[:, 0] * np.hanning(len(sound)))
    hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    return decibels(float(np.sqrt(np.sum(np.abs(spectrum[hz < 200]) ** 2))))


def part(sound: np.ndarray, from_s: float, to_s: float) -> np.ndarray:
    return sound[round(from_s * RATE_HZ) : round(to_s * RATE_HZ)]


def level(sound: np.ndarray, from_s: float, to_s: float) -> float:
    return decibels(rms(part(sound, from_s, to_s)))


@pytest.mark.parametrize("fps", FPS)
def test_all_files_are_as_long_as_the_film_and_speech_starts_at_its_frame_to_the_sample(fps, shelf):
    timeline = film(4.1, fps=fps, speeches=(says(1.3, fps=fps),))
    made = shelf.mix(timeline)
    for path in (made.mix, *made.stems.values()):
        assert len(read_wav(path)[0]) == sample_at(timeline.frames, timeline.rate)
    voice = read_wav(made.stems["dialogue"])[0]
    first = int(np.flatnonzero(np.abs(voice).max(axis=1))[0])
    assert 0 <= first - sample_at(timeline.narration[0].record_frame, timeline.rate) <= 3  # the voice fades in


def test_the_stems_add_up_to_the_mix_bit_for_bit(shelf):
    made = shelf.mix(film(speeches=(says(3), says(9)), music=(plays("tense", 0, 12),)))
    whole = [np.rint(read_wav(made.stems[name])[0].astype(np.float64) * 2**23) for name in STEMS]
    assert np.array_equal(sum(whole), np.rint(read_wav(made.mix)[0].astype(np.float64) * 2**23))
    assert all(np.abs(stem).max() > 0 for stem in whole)


def test_music_steps_back_ten_decibels_under_speech_and_returns(shelf):
    music = (plays("tone", 0, 12),)
    with_speech, without = shelf.hear(film(speeches=(says(5),), music=music)), shelf.hear(film(music=music))
    assert low(part(without, 5.1, 6.9)) - low(part(with_speech, 5.1, 6.9)) == pytest.approx(10, abs=0.5)
    assert low(part(with_speech, 1, 4)) == pytest.approx(low(part(without, 1, 4)), abs=0.1)
    assert low(part(with_speech, 9, 11)) == pytest.approx(low(part(without, 9, 11)), abs=0.1)


def test_words_lie_seventeen_decibels_above_the_music_whatever_was_delivered(shelf):
    shelf.put("whisper", 0.02 * np.sin(2 * np.pi * 700 * seconds(2)))
    made = shelf.mix(film(speeches=(says(5, name="whisper"),), music=(plays("tense", 0, 12),)))
    voice, music = (read_wav(made.stems[name])[0] for name in ("dialogue", "music"))
    assert level(voice, 5.1, 6.9) - level(music, 5.1, 6.9) == pytest.approx(17, abs=1)


def test_a_silent_voice_ducks_nothing(shelf):
    shelf.put("voice", np.zeros(2 * RATE_HZ))
    music = (plays("tone", 0, 12),)
    assert np.array_equal(shelf.hear(film(speeches=(says(5),), music=music)), shelf.hear(film(music=music)))


def test_two_pieces_of_music_cross_at_one_level(shelf):
    """They were delivered 19 dB apart, and overlap for two seconds."""
    joint = (plays("calm", 0, 7, fade_out_s=2), plays("tense", 5, 12, fade_in_s=2))
    music = shelf.hear(film(music=joint), "music")
    alone = level(music, 1, 4)
    through = [level(music, at, at + 0.4) for at in np.arange(4.4, 7.6, 0.2)]
    assert max(abs(there - alone) for there in through) < 1.5


def test_a_track_that_runs_on_in_another_span_has_no_bump_where_they_overlap(shelf):
    joint = (plays("tone", 0, 7, fade_out_s=2), plays("tone", 5, 12, source_s=5, fade_in_s=2))
    assert np.abs(shelf.hear(film(music=joint)) - shelf.hear(film(music=(plays("tone", 0, 12),)))).max() < 1e-4


def test_a_track_repeated_after_its_end_does_not_click(shelf):
    """It ends in the middle of a swing; the shortest fades and a short crossfade both hide that."""
    shelf.put("loop", stereo(0.3 * np.sin(2 * np.pi * 110 * seconds(4.003) + 1)))
    for overlap_s in (0, 0.5):
        second = plays("loop", 4 - overlap_s, 7, fade_in_s=overlap_s)
        music = shelf.hear(film(music=(plays("loop", 0, 4, fade_out_s=overlap_s), second)), "music")
        steepest = np.abs(np.diff(part(music, 1, 3), axis=0)).max()
        assert np.abs(np.diff(music, axis=0)).max() < 3 * steepest


def test_music_that_is_over_before_its_span_fades_out_with_itself(shelf):
    shelf.put("short", stereo(0.3 * np.sin(2 * np.pi * 110 * seconds(3))))
    music = shelf.hear(film(music=(plays("short", 0, 12, fade_out_s=1),)), "music")
    assert level(music, 2.6, 2.8) < level(music, 1, 2) - 5
    assert np.abs(part(music, 3, 12)).max() == 0


def test_the_last_music_ends_with_the_film(shelf):
    music = shelf.hear(film(6, music=(plays("tone", 0, 6, fade_out_s=2),)), "music")
    assert level(music, 5.8, 6) < level(music, 2, 4) - 15
    assert np.abs(music[-1]).max() < 1e-4
    assert np.abs(np.diff(part(shelf.hear(film(6, music=(plays("tone", 0, 6),)), "music"), 5, 6), axis=0)).max() < 0.02


def test_a_pause_is_the_quiet_of_a_room_never_digital_nothing(shelf):
    sound = shelf.hear(film(25, speeches=(says(2),)))
    assert level(sound, 10, 20) == pytest.approx(-62, abs=1)
    quiet = part(sound, 6, 24)
    assert np.count_nonzero(np.abs(quiet).max(axis=1)) > 0.99 * len(quiet)
    spectrum = np.abs(np.fft.rfft(quiet[:, 0])) ** 2
    hz = np.fft.rfftfreq(len(quiet), 1 / RATE_HZ)
    bands = [decibels(spectrum[(hz > f) & (hz < 2 * f)].mean() ** 0.5) for f in (100, 400, 1600, 6400)]
    assert bands == sorted(bands, reverse=True)  # soft at the top
    assert abs(np.corrcoef(quiet.T)[0, 1]) < 0.9  # wide
    assert np.abs(sound[[0, -1]]).max() == 0  # comes and goes with the film


def test_a_silent_film_has_its_room_and_nothing_else(shelf):
    made = shelf.mix(film(3))
    assert np.array_equal(read_wav(made.mix)[0], read_wav(made.stems["effects"])[0])
    assert not read_wav(made.stems["dialogue"])[0].any() and not read_wav(made.stems["music"])[0].any()


@pytest.mark.parametrize("fps", FPS)
def test_a_film_of_one_frame_sounds_for_one_frame(fps, shelf):
    rate = Rate.of(fps)
    speech = Speech(scene=1, media=ref("voice"), record_frame=0, frames=1, text="B")
    span = MusicSpan(media=ref("tone"), record_frame=0, frames=1, fade_in=1, fade_out=1)
    sound = shelf.hear(film(0, fps=fps, speeches=(speech,), music=(span,)))
    assert len(sound) == sample_at(1, rate) and np.abs(sound).max() > 0.01


def test_a_line_longer_than_its_frames_ends_with_them_or_with_the_film_without_a_click(shelf):
    shelf.put("long", 0.3 * np.sin(2 * np.pi * 110 * seconds(9)))
    inside, at_the_end = says(1, name="long", length_s=2), says(10, name="long", length_s=2)
    voice = shelf.hear(film(speeches=(inside, at_the_end)), "dialogue")
    assert np.abs(part(voice, 3.1, 10)).max() == 0
    assert np.abs(np.diff(voice, axis=0)).max() < 0.02
    assert np.abs(voice[-1]).max() < 1e-3


@pytest.mark.parametrize(
    ("rate_hz", "bits", "sides"), [(44_100, 16, 1), (8_000, 16, 1), (48_000, 24, 2), (22_050, 24, 2)]
)
def test_sounds_of_any_rate_and_width_keep_their_pitch_place_and_level(rate_hz, bits, sides, shelf):
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(2 * rate_hz) / rate_hz)
    shelf.put("odd", np.repeat(wave[:, None], sides, axis=1), rate_hz=rate_hz, bits=bits)
    voice = shelf.hear(film(speeches=(says(3, name="odd"),)), "dialogue")
    heard = part(voice, 3, 5)[:, 0]
    assert np.argmax(np.abs(np.fft.rfft(heard))) / 2 == pytest.approx(440, abs=1)
    assert decibels(rms(heard)) == pytest.approx(-20, abs=0.5)
    assert not np.abs(voice[: 3 * RATE_HZ]).any()


def test_a_click_in_a_line_does_not_break_the_sum(shelf):
    spiky = 0.01 * np.sin(2 * np.pi * 440 * seconds(2))
    spiky[RATE_HZ] = 0.99
    shelf.put("spiky", spiky)
    assert np.abs(shelf.hear(film(speeches=(says(3, name="spiky"),), music=(plays("tone", 0, 12),)))).max() < 1


@pytest.mark.parametrize("rate_hz", [RATE_HZ, 44_100])
def test_damaged_sounds_are_named(rate_hz, shelf):
    timeline = film(speeches=(says(5),))
    shelf.put("voice", np.zeros(rate_hz), rate_hz=rate_hz)
    path = shelf.resolve(ref("voice"))
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(MediaDamaged, match=ref("voice").sha256):
        shelf.mix(timeline)
    for junk in (b"RIFF no sound", b"<html>", b""):
        path.write_bytes(junk)
        with pytest.raises(MediaDamaged, match=ref("voice").sha256):
            shelf.mix(timeline)


def test_a_folder_that_cannot_be_written_is_said_in_words(shelf):
    (shelf.folder / "sound").mkdir()
    (shelf.folder / "sound" / "music.wav").symlink_to("/dev/full")
    with pytest.raises(HomeFull, match="Free some space"):
        shelf.mix(film())


@pytest.fixture
def long_film(shelf) -> Callable[[float], Timeline]:
    shelf.put("song", stereo(0.2 * np.sin(2 * np.pi * 110 * seconds(45))))

    def make(third_line_at_s: float) -> Timeline:
        lines = (says(2), says(17), says(third_line_at_s), says(38))
        return film(45, speeches=lines, music=(plays("song", 0, 45),))

    return make


def files(made: Mixed) -> list[bytes]:
    return [path.read_bytes() for path in (made.mix, *made.stems.values())]


def test_a_moved_line_mixes_only_the_blocks_it_touches_and_the_bytes_are_those_of_a_mix_from_nothing(shelf, long_film):
    cache = RenderCache(shelf.folder / "cache")
    first = shelf.mix(long_film(24), cache=cache)
    assert (first.blocks, first.blocks_mixed) == (5, 5)
    again = shelf.mix(long_film(24), cache=cache)
    assert again.blocks_mixed == 0
    changed = shelf.mix(long_film(26), cache=cache)
    assert changed.blocks_mixed == 1
    kept = files(changed)
    assert files(shelf.mix(long_film(26), into="fresh")) == kept


def test_ducking_that_reaches_into_the_next_block_is_part_of_what_that_block_follows_from(shelf, long_film):
    cache = RenderCache(shelf.folder / "cache")
    shelf.mix(long_film(24), cache=cache)
    near_the_border = BLOCK / RATE_HZ * 3 - 2.1
    changed = shelf.mix(long_film(near_the_border), cache=cache)
    assert changed.blocks_mixed == 2
    assert files(shelf.mix(long_film(near_the_border), into="fresh")) == files(changed)


def test_a_louder_recording_under_another_name_is_mixed_again_a_cache_swept_away_costs_nothing_but_time(
    shelf, long_film
):
    cache = RenderCache(shelf.folder / "cache")
    before = files(shelf.mix(long_film(24), cache=cache))
    shelf.put("other", 0.1 * np.sign(np.sin(2 * np.pi * 500 * seconds(2))))
    timeline = long_film(24)
    lines = (*timeline.narration[:3], timeline.narration[3].model_copy(update={"media": ref("other")}))
    assert shelf.mix(timeline.model_copy(update={"narration": lines}), cache=cache).blocks_mixed == 1
    cache.trim(0)
    assert files(shelf.mix(long_film(24), cache=cache)) == before


@pytest.mark.parametrize("bits", [16, 24])
def test_a_wav_reads_back_as_it_was_written(bits, tmp_path):
    sound = np.random.default_rng(2).uniform(-1, 1, (1000, 2)).astype(np.float32)
    write_wav(tmp_path / "a.wav", sound, bits=bits)
    again, rate_hz = read_wav(tmp_path / "a.wav")
    assert rate_hz == RATE_HZ
    assert np.abs(again - sound).max() <= 2.0 ** (2 - bits)
    assert rms(np.zeros((0, 2))) == 0.0 and ratio(-20) == pytest.approx(0.1)
