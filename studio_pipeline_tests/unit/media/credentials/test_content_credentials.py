"""A signed film is the same film: every frame, time and caption; and whoever changes a byte of it is found out."""

from __future__ import annotations

import hashlib
import json
import resource
from pathlib import Path

import av
import c2pa
import numpy as np
import pytest

from studio_pipeline.errors import HomeFull, ProviderFailed
from studio_pipeline.media.captions.cues import Cue, write_srt
from studio_pipeline.media.credentials import content_credentials
from studio_pipeline.media.credentials.certificates import Credentials, read_credentials
from studio_pipeline.media.credentials.content_credentials import signed
from studio_pipeline.media.credentials.local_certificate import local_credentials
from studio_pipeline.media.deliver import AI_NOTICE, mux
from studio_pipeline.media.filter_graph import render_picture
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.sound.loudness import master
from studio_pipeline.media.sound.samples import write_wav
from studio_pipeline_tests.backlot.signature import boxes, without_signature
from studio_pipeline_tests.backlot.signers import KEYS, signer

TERM = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
MANIFEST = {
    "claim_generator_info": [{"name": "studio_pipeline", "version": "1"}],
    "title": "टोपी “Sea” 🎬",
    "format": "video/mp4",
    "assertions": [
        {
            "label": "c2pa.actions.v2",
            "created": True,
            "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": TERM}]},
        },
        {"label": "test.shots", "created": True, "data": {"shots": [{"shot": f"s{n:03d}"} for n in range(300)]}},
    ],
}


@pytest.fixture
def timeline(library):
    return library().timeline([40, 32])


@pytest.fixture
def film(library, timeline, tmp_path) -> Path:
    """Three seconds with sound and captions, as it is delivered unsigned."""
    shelf = library()
    shelf.clip(1, 52), shelf.clip(2, 44)
    render_picture(timeline, shelf.resolve, tmp_path / "picture.mp4")
    wave = 0.3 * np.sin(np.arange(3 * 48_000) / 20).astype(np.float32)
    write_wav(tmp_path / "mix.wav", np.stack([wave, wave], axis=1))
    master(tmp_path / "mix.wav", tmp_path / "sound.m4a")
    write_srt([Cue(start_s=0.2, end_s=1.5, lines=("Hello",))], tmp_path / "film.srt")
    mux(
        *(tmp_path / "picture.mp4", tmp_path / "sound.m4a", tmp_path / "film.srt", tmp_path / "film.mp4"),
        title="Sea",
        language="en",
        source_type=TERM,
    )
    return tmp_path / "film.mp4"


@pytest.fixture
def credentials(tmp_path) -> Credentials:
    return local_credentials(tmp_path / "credentials")


def sign(film: Path, into: Path, who: Credentials, cache: RenderCache | None = None) -> Path:
    content = hashlib.sha256(film.read_bytes()).hexdigest()
    signed(film, into, MANIFEST, who, content=content, cache=cache or RenderCache(into.parent / f"{into.stem} cache"))
    return into


def packets(path: Path) -> list[list[tuple[int | None, int | None, int | None, bytes]]]:
    """Times and bytes of every packet of every track."""
    tracks = []
    for kind in ("video", "audio", "subtitles"):
        with av.open(str(path)) as media:
            found = [packet for packet in media.demux(**{kind: 0}) if packet.size]
            tracks.append([(packet.pts, packet.dts, packet.duration, bytes(packet)) for packet in found])
    assert all(tracks)
    return tracks


def codes(film: Path) -> set[str]:
    return {status["code"] for status in json.loads(c2pa.Reader(film).json()).get("validation_status", [])}


def test_nothing_of_the_film_changes(film, timeline, credentials, light, tmp_path):
    made = sign(film, tmp_path / "signed.mp4", credentials)
    shows, should_show = light
    assert np.abs(shows(made) - should_show(timeline)).max() < 0.03, "every frame's barcode"
    assert packets(made) == packets(film)
    with av.open(str(film)) as before, av.open(str(made)) as after:
        assert after.metadata == before.metadata and after.metadata["comment"] == AI_NOTICE
        assert after.duration == before.duration
        assert [(s.type, s.duration, s.start_time, s.frames, s.metadata) for s in after.streams] == [
            (s.type, s.duration, s.start_time, s.frames, s.metadata) for s in before.streams
        ]
    assert without_signature(made) == film.read_bytes() != made.read_bytes()


def test_it_still_plays_before_it_is_loaded_whole(film, credentials, tmp_path):
    made = sign(film, tmp_path / "signed.mp4", credentials)
    kinds = [kind for kind, *_ in boxes(made.read_bytes())]
    assert kinds == [b"ftyp", b"uuid", b"moov", b"free", b"mdat", b"uuid"]


def test_the_manifest_reads_back_and_is_trusted_by_who_trusts_its_root(film, credentials, tmp_path):
    made = sign(film, tmp_path / "signed.mp4", credentials)
    reader = c2pa.Reader(made)
    found = reader.get_active_manifest()
    assert reader.get_validation_state() == "Valid" and codes(made) == {"signingCredential.untrusted"}
    assert found["title"] == MANIFEST["title"]
    assert found["signature_info"]["common_name"] == credentials.name
    by_label = {assertion["label"]: assertion["data"] for assertion in found["assertions"]}
    assert by_label["test.shots"] == MANIFEST["assertions"][1]["data"]
    trust = {"trust": {"user_anchors": credentials.chain.decode()}, "verify": {"verify_trust": True}}
    assert c2pa.Reader(made, context=c2pa.Context.from_dict(trust)).get_validation_state() == "Trusted"


@pytest.mark.parametrize("kind", KEYS)
def test_every_kind_of_key_signs(film, tmp_path, kind):
    mine = signer(tmp_path / "mine", kind)
    made = sign(film, tmp_path / "signed.mp4", read_credentials(mine.certificate, mine.private_key))
    assert c2pa.Reader(made).get_validation_state() == "Valid"
    assert c2pa.Reader(made).get_active_manifest()["signature_info"]["common_name"] == "Jane Doe"


@pytest.mark.parametrize("pieces", [False, True], ids=["whole", "in pieces"])
@pytest.mark.parametrize("box", [b"mdat", b"moov"])
def test_a_changed_byte_is_found_out(film, credentials, tmp_path, monkeypatch, box, pieces):
    if pieces:
        in_pieces(monkeypatch)
    made = sign(film, tmp_path / "signed.mp4", credentials)
    data = bytearray(made.read_bytes())
    inner, end = next((inner, end) for kind, _, inner, end in boxes(data) if kind == box)
    data[(inner + end) // 2] ^= 1
    made.write_bytes(data)
    assert c2pa.Reader(made).get_validation_state() == "Invalid"
    assert "assertion.bmffHash.mismatch" in codes(made)


def in_pieces(monkeypatch) -> None:
    monkeypatch.setattr(content_credentials, "_WHOLE_UP_TO_BYTES", 0)
    monkeypatch.setattr(content_credentials, "_PIECE_BYTES", 2**14)


def test_a_long_film_is_signed_in_pieces_and_stays_as_it_is(film, timeline, credentials, light, tmp_path, monkeypatch):
    in_pieces(monkeypatch)
    made = sign(film, tmp_path / "signed.mp4", credentials)
    assert c2pa.Reader(made).get_validation_state() == "Valid"
    assert [kind for kind, *_ in boxes(made.read_bytes())].count(b"uuid") > 2, "proofs of its pieces"
    shows, should_show = light
    assert np.abs(shows(made) - should_show(timeline)).max() < 0.03
    assert packets(made) == packets(film)
    assert without_signature(made) == film.read_bytes()


def test_the_same_film_is_signed_once_and_another_signer_signs_anew(film, credentials, tmp_path):
    cache = RenderCache(tmp_path / "cache")
    first = sign(film, tmp_path / "first.mp4", credentials, cache).read_bytes()
    assert sign(film, tmp_path / "again.mp4", credentials, cache).read_bytes() == first
    other = local_credentials(tmp_path / "other")
    second = sign(film, tmp_path / "other.mp4", other, cache)
    assert second.read_bytes() != first
    assert without_signature(second) == without_signature(tmp_path / "first.mp4")


def test_a_full_disk_is_said_in_words_and_nothing_half_signed_is_kept(film, credentials, tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (film.stat().st_size // 2, hard))
    try:
        with pytest.raises(HomeFull, match="Free some space"):
            sign(film, tmp_path / "signed.mp4", credentials)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not [path for path in (tmp_path / "signed cache").rglob("*") if path.is_file()]


def test_what_the_library_does_not_sign_is_told_without_the_key(tmp_path, credentials):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"this is no film")
    with pytest.raises(ProviderFailed, match="could not be signed") as told:
        sign(film, tmp_path / "signed.mp4", credentials)
    assert "PRIVATE" not in str(told.value)
    assert not (tmp_path / "signed.mp4").exists()


def test_the_way_of_the_iptc_is_read_by_ffmpeg(film, credentials, tmp_path):
    made = sign(film, tmp_path / "signed.mp4", credentials)
    with av.open(str(made), options={"export_xmp": "1"}) as media:
        assert f'Iptc4xmpExt:DigitalSourceType="{TERM}"' in media.metadata["xmp"]
