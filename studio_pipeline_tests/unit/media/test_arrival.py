"""What came down is what was bought, or it is said what it is instead."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.arrival import check_clip, check_picture, check_sound
from studio_pipeline.media.contact_sheet import picture_of
from studio_pipeline.media.encode import encode_clip
from studio_pipeline.media.ffmpeg import run_ffmpeg
from studio_pipeline.media.house import strange
from studio_pipeline.media.looking.glances import Glances
from studio_pipeline.media.packets import HouseFormat, read_seams
from studio_pipeline.media.probe import probe

SIZE, RATE = (96, 64), Rate.of(24)


def noisy(frames: int) -> list[bytes]:
    row = bytes((n * n * 37) % 251 for n in range(96 * 64 * 3 + frames * 7))
    return [row[7 * n : 7 * n + 96 * 64 * 3] for n in range(frames)]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    encode_clip(noisy(48), SIZE, RATE, tmp_path / "clip.mp4")
    return tmp_path / "clip.mp4"


@pytest.fixture
def sounds(tmp_path: Path) -> list[Path]:
    made = []
    for name, codec in [
        ("a.mp3", []),
        ("b.wav", []),
        ("c.ogg", ["-c:a", "libopus", "-ar", "48000"]),
        ("d.m4a", []),
        ("e.flac", []),
    ]:
        run_ffmpeg(["-f", "lavfi", "-i", "sine=frequency=440:duration=2", *codec, str(tmp_path / name)])
        made.append(tmp_path / name)
    return made


def cut(path: Path, share: float) -> Path:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    return path


def test_a_good_clip_is_taken_in_every_wrapping(clip: Path, tmp_path: Path) -> None:
    check_clip(clip, least_s=2.0)
    for name in ("a.mov", "b.mkv", "c.mp4", "d.webm"):
        codec = ["-c:v", "libvpx", "-b:v", "1M"] if name == "d.webm" else ["-c:v", "libx264", "-bf", "3"]
        run_ffmpeg(["-i", str(clip), *codec, str(tmp_path / name)])
        check_clip(tmp_path / name, least_s=1.99)


def test_a_clip_trimmed_by_an_edit_list_is_taken(clip: Path, tmp_path: Path) -> None:
    run_ffmpeg(["-ss", "0.5", "-i", str(clip), "-c", "copy", str(tmp_path / "trimmed.mp4")])
    check_clip(tmp_path / "trimmed.mp4", least_s=1.0)


def test_a_clip_that_is_much_too_short_is_not(clip: Path) -> None:
    with pytest.raises(MediaDamaged, match=r"only 2\.00 s long, and at least 3\.00 s were bought"):
        check_clip(clip, least_s=3)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_half_a_clip_is_cut_off(clip: Path, tmp_path: Path, share: float) -> None:
    with pytest.raises(MediaDamaged):
        check_clip(cut(clip, share), least_s=0.1)


def test_half_a_clip_without_an_index_is_cut_off_too(clip: Path, tmp_path: Path) -> None:
    run_ffmpeg(["-i", str(clip), "-c", "copy", str(tmp_path / "clip.mkv")])
    with pytest.raises(MediaDamaged):
        check_clip(cut(tmp_path / "clip.mkv", 0.6), least_s=0.1)


def test_a_clip_with_bytes_lost_inside_is_damaged(clip: Path) -> None:
    whole = bytearray(clip.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 3000] = bytes(3000)
    clip.write_bytes(whole)
    with pytest.raises(MediaDamaged):
        check_clip(clip, least_s=0.1)


def test_a_clip_in_a_coding_that_nobody_knows_is_said_to_be_one(clip: Path) -> None:
    clip.write_bytes(clip.read_bytes().replace(b"avc1", b"zzzz").replace(b"avcC", b"zzzC"))
    for look in (
        lambda: check_clip(clip, least_s=0.1),
        lambda: probe(clip),
        lambda: Glances().look(clip, {0}),
        lambda: strange(clip, frames=24, rate=Rate.of(24), size=(64, 64)),
    ):
        with pytest.raises(MediaDamaged, match="in a coding that is not known here"):
            look()
    assert read_seams(clip, 24, HouseFormat.of((64, 64), Rate.of(24))) is None


def test_a_title_that_is_no_utf_8_is_no_reason_to_refuse_a_clip_that_was_paid_for(clip: Path, tmp_path: Path) -> None:
    titled = tmp_path / "titled.mp4"
    run_ffmpeg(["-i", str(clip), "-c", "copy", "-metadata", "title=CafeXX", str(titled)])
    titled.write_bytes(titled.read_bytes().replace(b"CafeXX", b"Caf\xe9XX"))
    check_clip(titled, least_s=0.1)
    assert probe(titled).frames == probe(clip).frames
    assert picture_of(titled, 0).size == probe(clip).size
    assert Glances().look(titled, {0})


PAGE = b"<!doctype html><html><title>504 Gateway Timeout</title></html>"


@pytest.mark.parametrize("check", [lambda path: check_clip(path, least_s=0.1), check_picture, check_sound])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (PAGE, "a web page or XML, “<!doctype html>"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "AccessDenied"),
        (b'{"error": "expired"}', 'a message, “{"error": "expired"}”'),
        (b"", "it is empty"),
        (bytes(range(7, 200)), "begins with the bytes 07 08 09"),
        (b"<p>\x1b[2J\x07evil", "web page"),
    ],
)
def test_what_is_no_media_is_told_for_what_it_is(tmp_path: Path, check, content: bytes, words: str) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(MediaDamaged) as caught:
        check(tmp_path / "file")
    assert words in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_sound_is_no_clip_and_a_clip_is_no_sound_or_picture(clip: Path, sounds: list[Path]) -> None:
    with pytest.raises(MediaDamaged, match="no pictures"):
        check_clip(sounds[0], least_s=0.1)
    with pytest.raises(MediaDamaged, match="no sound"):
        check_sound(clip)
    with pytest.raises(MediaDamaged, match="no picture"):
        check_picture(clip)


def test_good_sounds_are_taken_in_every_wrapping(sounds: list[Path]) -> None:
    for sound in sounds:
        check_sound(sound)


def test_a_sound_that_was_streamed_before_its_length_was_known_is_taken(sounds: list[Path]) -> None:
    wav = sounds[1]
    raw = bytearray(wav.read_bytes())
    at = raw.index(b"data")
    for length in (0xFFFFFFFF, 0x7FFFFFFF):
        struct.pack_into("<I", raw, at + 4, length)
        struct.pack_into("<I", raw, 4, length)
        wav.write_bytes(raw)
        check_sound(wav)


def test_half_a_sound_is_cut_off_where_it_says_its_length(sounds: list[Path]) -> None:
    for sound in (sounds[3], sounds[4]):
        with pytest.raises(MediaDamaged):
            check_sound(cut(sound, 0.5))


def test_a_sound_that_is_over_before_it_began_is_none(tmp_path: Path) -> None:
    run_ffmpeg(["-f", "lavfi", "-i", "sine=duration=0.01", str(tmp_path / "blip.wav")])
    with pytest.raises(MediaDamaged, match="long"):
        check_sound(tmp_path / "blip.wav")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_a_good_picture_is_taken_and_half_of_it_is_not(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"still{suffix}"
    Image.frombytes("RGB", SIZE, noisy(1)[0]).save(path)
    check_picture(path)
    with pytest.raises(MediaDamaged):
        check_picture(cut(path, 0.5))


def png_of(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("width", "height"), [(9000, 9000), (12_000, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_picture_that_would_fill_the_memory_is_not_unpacked(tmp_path: Path, width: int, height: int) -> None:
    (tmp_path / "bomb.png").write_bytes(png_of(width, height))
    with pytest.raises(MediaDamaged):
        check_picture(tmp_path / "bomb.png")


def test_a_picture_of_a_few_pixels_is_none(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    with pytest.raises(MediaDamaged, match="only 1×1 pixels"):
        check_picture(tmp_path / "dot.png")


def test_a_format_that_starts_other_programs_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "still.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\nshowpage\n")
    with pytest.raises(MediaDamaged, match="no picture"):
        check_picture(tmp_path / "still.png")
