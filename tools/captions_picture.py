"""The captions of one sentence in every script the studio writes, drawn by ffmpeg as into a film.

``python -m tools.pictures`` puts it into ``docs/pictures/captions.png``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from studio_pipeline.editorial.timeline import Speech, Timeline, TimelineClip
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.captions.ass import write_ass
from studio_pipeline.media.captions.cues import cues
from studio_pipeline.media.contact_sheet import PAPER, SOFT_INK
from studio_pipeline.media.ffmpeg import run_ffmpeg
from studio_pipeline.media.type.fonts import lay_out_fonts
from studio_pipeline.media.type.typography import fit_text

SENTENCES = (
    ("English", "en", "On the last day of October the lamp went out, and nobody lit it again."),
    ("French", "fr", "« Où est la côte ? » demanda le capitaine, et il éteignit la grande lampe."),
    ("Hindi", "hi", "अक्टूबर के आख़िरी दिन बत्ती बुझ गई, और उसे जलाने कोई नहीं आया।"),
    ("Arabic", "ar", "في آخر يوم من أكتوبر انطفأ المصباح، ولم يأتِ أحدٌ ليشعله من جديد."),
    ("Persian", "fa", "در آخرین روز اکتبر چراغ خاموش شد و هیچ‌کس برای روشن کردنش نیامد."),
    ("Urdu", "ur", "اکتوبر کے آخری دن بتی بجھ گئی، اور اسے جلانے کوئی نہیں آیا۔"),
    ("Chinese", "zh", "十月的最后一天，灯塔的灯灭了，却没有人来把它重新点亮。"),
    ("Japanese", "ja", "十月の最後の日、灯台の明かりが消え、ともしに来る者は誰もいなかった。"),
)
_FILM = (1280, 720)
_SHOWN = (396, 720)
"""Rows of the picture that are shown: its lower part, where captions stand."""
_TILE_PX, _GAP_PX, _LABEL_PX = 592, 16, 24


def draw_captions() -> Image.Image:
    """Two columns of stills, a script each."""
    tile_height = round(_TILE_PX * (_SHOWN[1] - _SHOWN[0]) / _FILM[0])
    rows = -(-len(SENTENCES) // 2)
    height = rows * (tile_height + _LABEL_PX + _GAP_PX) + _GAP_PX
    sheet = Image.new("RGB", (2 * (_TILE_PX + _GAP_PX) + _GAP_PX, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, (name, language, sentence) in enumerate(SENTENCES):
        left = _GAP_PX + number % 2 * (_TILE_PX + _GAP_PX)
        top = _GAP_PX + number // 2 * (tile_height + _LABEL_PX + _GAP_PX)
        still = _burnt(sentence, language).crop((0, _SHOWN[0], _FILM[0], _SHOWN[1]))
        sheet.paste(still.resize((_TILE_PX, tile_height), Image.Resampling.LANCZOS), (left, top))
        box = (left, top + tile_height + 2, left + _TILE_PX, top + tile_height + _LABEL_PX)
        fit_text(draw, name, box, max_px=14, min_px=10, fill=SOFT_INK, max_lines=1)
    return sheet


def _burnt(sentence: str, language: str) -> Image.Image:
    """A film's first caption of ``sentence`` over an evening."""
    media = MediaRef(sha256="0" * 64, suffix=".mp4", size_bytes=1)
    clip = TimelineClip(name="k1", media=media, media_frames=240, source_frame=0, frames=240, scene=1, take=1)
    told = Speech(scene=1, media=media, record_frame=0, frames=150, text=sentence)
    timeline = Timeline(
        name="captions", title="", language=language, rate=Rate.of(24), size=_FILM, clips=(clip,), narration=(told,)
    )
    first = cues(timeline)[0].model_copy(update={"start_s": 0, "end_s": 1})
    with tempfile.TemporaryDirectory(prefix="captions-") as name:
        folder = Path(name)
        _evening().save(folder / "ground.png")
        write_ass([first], folder / "captions.ass", size=_FILM, language=language)
        lay_out_fonts(folder / "fonts", (folder / "captions.ass").read_text(encoding="utf-8"))
        drawing = "ass=captions.ass:fontsdir=fonts"
        run_ffmpeg(["-i", "ground.png", "-vf", drawing, "-frames:v", "1", "-update", "1", "still.png"], folder=folder)
        with Image.open(folder / "still.png") as still:
            return still.convert("RGB")


def _evening() -> Image.Image:
    """A sky that ends in a dark sea, with a light far out."""
    width, height = _FILM
    rows, columns = np.indices((height, width)).astype(float)
    horizon = height * 0.7
    sky = np.array([44, 58, 92]) + (rows / horizon)[..., None] * np.array([150, 92, 46])
    sea = np.array([26, 38, 58]) + np.clip((rows - horizon) / height, 0, 1)[..., None] * np.array([-24, -30, -40])
    glow = np.exp(-(((columns - width * 0.7) / 190) ** 2 + ((rows - horizon) / 70) ** 2))[..., None]
    light = np.where((rows < horizon)[..., None], sky, sea) + glow * np.array([90, 66, 30])
    return Image.fromarray(np.clip(light, 0, 255).astype(np.uint8))
