"""Photograph the UI on a finished studio home: ``python -m tools.screenshots HOME BROWSER``.

Starts Dagster's webserver alone, so that no sensor ticks and the home stays as it is, and lets a Chromium look at a
few pages without a window. Pictures land in ``docs/pictures/``.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from studio_pipeline.orchestration.home import open_home
from studio_pipeline.settings import Settings
from tools.generate import ROOT

INTO = ROOT / "docs" / "pictures"
WINDOW = (1600, 960)
PICTURE_WIDTH_PX = 1280
PATIENCE_S = 60

_BRIEF = """\
ops:
  submit_brief:
    config:
      choose: recommended
      brief:
        title: Why the sky turns red
        concept: Why the sky turns red at sunset
        duration_s: 30
        budget_usd: 40
"""


def _page(path: str, **query: str) -> str:
    return f"{path}?{urllib.parse.urlencode(query)}"


PAGES = {
    "ui_launch": _page("/locations/studio_pipeline/jobs/new_production/playground/setup", config=_BRIEF),
    "ui_shot": _page("/assets/pilot_clips", view="partitions", partition="lighthouse|animated.s05.k2"),
    "ui_verdict": _page("/assets/critic_verdicts", view="partitions", partition="lighthouse|static"),
    "ui_skipped": _page("/assets/shot_plans", view="events", partition="lighthouse|static.s01"),
}
"""What is shown of the example film, by the picture's name."""


def photograph(home: Path, browser: str) -> None:
    here = Settings.read({"STUDIO_HOME": str(home)})
    open_home(here)
    environment = {**os.environ, "STUDIO_HOME": str(here.home), "DAGSTER_HOME": str(here.dagster_home)}
    port = _free_port()
    command = [sys.executable, "-m", "dagster_webserver", "-w", str(ROOT / "workspace.yaml"), "-p", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/server_info")
        for name, page in PAGES.items():
            _photograph(browser, f"http://127.0.0.1:{port}{page}", INTO / f"{name}.png")
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE_S)


def _photograph(browser: str, address: str, into: Path) -> None:
    with tempfile.TemporaryDirectory() as profile:
        taken = Path(profile) / "page.png"
        quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
        quiet += ["--disable-component-update", "--disable-sync", "--hide-scrollbars"]
        window = f"--window-size={WINDOW[0]},{WINDOW[1]}"
        settle = "--virtual-time-budget=20000"
        subprocess.run(
            [browser, "--headless", "--no-sandbox", *quiet, f"--user-data-dir={profile}/user", window, settle,
             f"--screenshot={taken}", address],
            check=True, capture_output=True, timeout=PATIENCE_S * 2,
        )  # fmt: skip
        with Image.open(taken) as picture:
            size = (PICTURE_WIDTH_PX, round(picture.height * PICTURE_WIDTH_PX / picture.width))
            small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    small.quantize(160).save(into, optimize=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(address: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise SystemExit(f"The webserver did not answer within {PATIENCE_S} s.")


def main(args: Sequence[str]) -> None:
    home, browser = args
    photograph(Path(home), browser)


if __name__ == "__main__":
    main(sys.argv[1:])
