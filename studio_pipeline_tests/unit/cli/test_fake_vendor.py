"""``studio fake-vendor`` as a process: it says where it is, bills what it takes, and shows the bill at Ctrl-C."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import httpx


def test_it_says_where_it_is_and_shows_the_bill_at_the_end(tmp_path: Path) -> None:
    books = tmp_path / "books.jsonl"
    args = ["fake-vendor", "--port", "0", "--latency", "0", "--drift", "25", "--books", str(books)]
    process = subprocess.Popen(
        [sys.executable, "-c", "from studio_pipeline.cli import main; main()", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        meter = next(line for line in process.stderr if "/meter" in line).partition("meter at ")[2].split(";")[0]
        told = dict[str, str]()
        while "RUNWAYML_API_SECRET" not in told or "RUNWAYML_BASE_URL" not in told:
            _, name, value = process.stdout.readline().replace("=", " ", 1).split(maxsplit=2)
            told[name] = shlex.split(value)[0]
        made = httpx.post(
            told["RUNWAYML_BASE_URL"] + "/v1/text_to_video",
            headers={"Authorization": f"Bearer {told['RUNWAYML_API_SECRET']}", "X-Runway-Version": "2024-11-06"},
            json={"model": "gen4.5", "promptText": "sea", "ratio": "1280:720", "duration": 2},
        )
        assert made.status_code == 200
        assert httpx.get(meter).json()["billed_usd"] == "0.30"
        process.send_signal(signal.SIGINT)
        bill, errors = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, errors
    assert "$0.30" in bill
    assert "runway" in bill
    (line,) = [json.loads(line) for line in books.read_text().splitlines()]
    assert (line["event"], line["vendor"], line["usd"]) == ("charged", "runway", "0.30")
