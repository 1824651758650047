"""The web UI on a home, as ``studio ui`` opens it, spoken to by GraphQL as the browser speaks to it.

What lives here: starting and ending it, the few questions and launches that tests need, and waiting for answers. What
does not: any expectation.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from studio_pipeline_tests.backlot.studio import Studio, kill_group

T = TypeVar("T")
LONGEST_S = 240
"""How long anything here is waited for. A run that the daemon launches takes four to six seconds to start."""
POLL_S = 0.5

_SELECTOR = {"repositoryName": "__repository__", "repositoryLocationName": "studio_pipeline"}
_FINISHED = ("SUCCESS", "FAILURE", "CANCELED")
_LAUNCH = """mutation($p: ExecutionParams!) { launchPipelineExecution(executionParams: $p) { __typename
  ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  ... on RunConfigValidationInvalid { errors { message } } ... on InvalidSubsetError { message } } }"""
_BACKFILL = """mutation($p: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $p) { __typename
  ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message }
  ... on PartitionKeysNotFoundError { message } } }"""


@dataclass(frozen=True)
class Run:
    """One run as the UI lists it."""

    id: str
    job: str
    status: str
    tags: Mapping[str, str]


class Web:
    """A running web UI."""

    def __init__(self, port: int, process: subprocess.Popen[str]) -> None:
        self._url = f"http://127.0.0.1:{port}/graphql"
        self._process = process

    def kill(self) -> None:
        """End everything of it at once, as a power cut does."""
        kill_group(self._process)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(self._url, body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            told = json.load(answer)
        assert "errors" not in told, told["errors"]
        return told["data"]

    def loaded(self) -> bool:
        """Whether the code location is there."""
        try:
            found = self.ask("{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return bool(found["repositoriesOrError"].get("nodes"))

    def launch(
        self, job: str, key: str = "", *, assets: Sequence[str] = (), config: Mapping[str, Any] | None = None
    ) -> str:
        """Launch a job, or single assets of a partition, with run config; the run's id."""
        selector: dict[str, Any] = {**_SELECTOR, "pipelineName": job}
        if assets:
            selector["assetSelection"] = [{"path": [asset]} for asset in assets]
        tags = [{"key": "dagster/partition", "value": key}] if key else []
        params = {
            "selector": selector,
            "runConfigData": config or {},
            "executionMetadata": {"tags": tags},
            "mode": "default",
        }
        told = self.ask(_LAUNCH, p=params)["launchPipelineExecution"]
        assert told["__typename"] == "LaunchRunSuccess", told
        return told["run"]["runId"]

    def materialize(self, asset: str, key: str, *, config: Mapping[str, Any] | None = None) -> str:
        """The button *Materialize* on one partition of one asset."""
        return self.launch("__ASSET_JOB", key, assets=[asset], config=config)

    def backfill(self, partitions: Mapping[str, Sequence[str]]) -> str:
        """A backfill of chosen partitions, asset by asset; its id."""
        chosen = [
            {"assetKey": {"path": [asset]}, "partitions": {"ranges": [{"start": key, "end": key} for key in keys]}}
            for asset, keys in partitions.items()
        ]
        told = self.ask(_BACKFILL, p={"partitionsByAssets": chosen})["launchPartitionBackfill"]
        assert told["__typename"] == "LaunchBackfillSuccess", told
        return told["backfillId"]

    def backfill_status(self, backfill: str) -> str:
        query = (
            "query($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"
        )
        return self.ask(query, id=backfill)["partitionBackfillOrError"]["status"]

    def runs(self) -> list[Run]:
        """All runs, the oldest first."""
        query = "{ runsOrError(limit: 500) { ... on Runs { results { runId jobName status tags { key value } } } } }"
        found = self.ask(query)["runsOrError"]["results"]
        return [
            Run(run["runId"], run["jobName"], run["status"], {tag["key"]: tag["value"] for tag in run["tags"]})
            for run in reversed(found)
        ]

    def status(self, run: str) -> str:
        query = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
        return self.ask(query, id=run)["runOrError"]["status"]

    def end_of(self, run: str) -> str:
        """Wait for a run to end; how it ended."""
        return wait_for(lambda: status if (status := self.status(run)) in _FINISHED else None, f"run {run} to end")

    def failure_of(self, run: str) -> str:
        """The words of a failed run, as they stand in its log."""
        query = """query($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
          ... on ExecutionStepFailureEvent { failureMetadata { description } error { message } } } } } }"""
        events = self.ask(query, id=run)["logsForRun"]["events"]
        failed = [event for event in events if event.get("error") or event.get("failureMetadata")]
        return "\n".join(str(event) for event in failed)

    def productions(self) -> list[str]:
        """Keys of the dynamic partitions, as the launchpad offers them."""
        query = """query($asset: AssetKeyInput!) { assetNodeOrError(assetKey: $asset) {
          ... on AssetNode { partitionKeys } } }"""
        return self.ask(query, asset={"path": ["brief"]})["assetNodeOrError"]["partitionKeys"]


def wait_for(answer: Callable[[], T | None], what: str, *, longest_s: float = LONGEST_S) -> T:
    """Ask until there is an answer."""
    deadline = time.monotonic() + longest_s
    while time.monotonic() < deadline:
        if found := answer():
            return found
        time.sleep(POLL_S)
    raise AssertionError(f"waited {longest_s} s for {what}")


@contextmanager
def open_web(studio: Studio, log: Path) -> Iterator[Web]:
    """``studio ui`` on a free port, ended with Ctrl-C as a person would, and with force if that does not do."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("w") as output:
        process = studio.start("ui", "--port", str(port), stdout=output, stderr=subprocess.STDOUT)
        try:
            web = Web(port, process)

            def answers() -> bool:
                assert process.poll() is None, log.read_text()[-3000:]
                return web.loaded()

            wait_for(answers, "the web UI", longest_s=90)
            yield web
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):  # a run of the daemon may hold it up
                process.wait(timeout=20)
            kill_group(process)
