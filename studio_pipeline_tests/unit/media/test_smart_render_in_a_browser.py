"""A film of copied packets plays in Chromium: it jumps to every frame, across every seam, and shows the right one."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue

import numpy as np
import pytest

from studio_pipeline.editorial.timeline import Transition
from studio_pipeline.media.credentials.content_credentials import signed
from studio_pipeline.media.credentials.local_certificate import local_credentials
from studio_pipeline.media.deliver import mux
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.smart_render import smart_render
from studio_pipeline.stages.finishing.provenance import DRAWN

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE_S = 90
JOINTS = (
    Transition(at=0, kind="fade_black", out_frames=0, in_frames=6),
    Transition(at=1, kind="dissolve", out_frames=3, in_frames=4),
    Transition(at=2, kind="fade_black", out_frames=5, in_frames=4),
    Transition(at=4, kind="wipe", out_frames=6, in_frames=5),
)
PAGE = """<!doctype html><video id="film" muted preload="auto"></video><script>
const tell = (what) => fetch("/told", {method: "POST", body: JSON.stringify(what)});
const film = document.getElementById("film"), canvas = new OffscreenCanvas(128, 96);
const pen = canvas.getContext("2d", {willReadFrequently: true});
const next = (event) => new Promise((went, failed) => {
  film.addEventListener(event, went, {once: true});
  film.onerror = () => failed(film.error.message);
});
const grey = (x, y) => {
  const pixels = pen.getImageData(x, y, 16, 16).data;
  let light = 0;
  for (let k = 0; k < pixels.length; k += 4)
    light += 0.2126 * pixels[k] + 0.7152 * pixels[k + 1] + 0.0722 * pixels[k + 2];
  return light / 255 / 256;
};
(async () => {
  film.src = "/film.mp4";
  await next("loadeddata");
  const shown = [];
  for (const frame of FRAMES) {
    // “seeked” may come a moment before the picture does; no picture comes where it is the one that is shown already.
    const drawn = new Promise((went) => film.requestVideoFrameCallback(went));
    const there = Promise.all([next("seeked"), Promise.race([drawn, new Promise((went) => setTimeout(went, 500))])]);
    film.currentTime = (frame + 0.5) / FPS;
    await there;
    pen.drawImage(film, 0, 0);
    const cells = [];
    for (let y = 8; y < 96; y += 32) for (let x = 8; x < 128; x += 32) cells.push(grey(x, y));
    shown.push(cells);
  }
  await tell({shown, duration: film.duration});
})().catch((error) => tell({error: String(error)}));
</script>"""


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium on this machine")
@pytest.mark.parametrize(("fps", "is_signed"), [(24, False), (29.97, False), (24, True)])
def test_chromium_shows_the_right_picture_wherever_it_jumps(library, light, tmp_path, fps, is_signed):
    _, should_show = light
    shelf = library(fps)
    timeline = shelf.timeline([50, 45, 42, 44, 46], JOINTS)
    smart_render(timeline, shelf.resolve, tmp_path / "film.mp4")
    if is_signed:
        sign(tmp_path)
    # Backwards and forwards by turns, so that nothing is simply played on.
    ahead = list(range(timeline.frames))
    frames = [frame for pair in zip(ahead, ahead[::-1], strict=True) for frame in pair if pair[0] != pair[1]]
    page = PAGE.replace("FRAMES", json.dumps(frames)).replace("FPS", repr(timeline.rate.fps))
    with served(page, tmp_path / "film.mp4") as (address, told), browser(address, tmp_path):
        try:
            found = told.get(timeout=PATIENCE_S)
        except Empty:
            pytest.fail(f"Chromium had nothing to say for {PATIENCE_S} s")
    assert "error" not in found, found
    assert found["duration"] == pytest.approx(timeline.duration_s, abs=0.001)
    wanted = should_show(timeline)[frames].reshape(len(frames), 12)
    off = np.abs(np.array(found["shown"]) - wanted).max(axis=1)
    assert off.max() < 0.05, f"frame {frames[off.argmax()]}, jump {off.argmax()}"


def sign(folder: Path) -> None:
    """Have the film in ``folder`` as it is delivered: with a source type and content credentials."""
    created = {"action": "c2pa.created", "digitalSourceType": DRAWN}
    said = {"assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [created]}}]}
    picture = (folder / "film.mp4").rename(folder / "picture.mp4")
    mux(picture, None, None, folder / "unsigned.mp4", title="Sea", language="en", source_type=DRAWN)
    who, cache = local_credentials(folder / "credentials"), RenderCache(folder / "cache")
    signed(folder / "unsigned.mp4", folder / "film.mp4", said, who, content="0" * 64, cache=cache)


@contextmanager
def served(page: str, film: Path) -> Iterator[tuple[str, Queue[dict]]]:
    """The page and the film at an address of this machine, and what the page tells."""
    told: Queue[dict] = Queue()
    content = film.read_bytes()

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body, kind = (content, "video/mp4") if self.path == "/film.mp4" else (page.encode(), "text/html")
            first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
            part = body[int(first) : int(last) + 1 if last else len(body)]
            self.send_response(206 if "Range" in self.headers else 200)
            self.send_header("Content-Range", f"bytes {first}-{int(first) + len(part) - 1}/{len(body)}")
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            self.wfile.write(part)

        def do_POST(self) -> None:
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", told
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def browser(address: str, folder: Path) -> Iterator[None]:
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    process = subprocess.Popen(
        [str(BROWSER), *options, f"--user-data-dir={folder / 'browser'}", address],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()
