"""Where benchmarks work: a scratch folder, and the finished example film that more than one of them looks at."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from studio_pipeline.settings import Settings, settings

ROOT = Path(__file__).resolve().parent.parent
BRIEF = ROOT / "examples" / "lighthouse.yaml"


@dataclass
class Workshop:
    """One session of benchmarks."""

    scratch: Path
    finished: Path | None = None
    """A studio home with one delivered production; made by the demo when it is not given."""

    def enter(self, name: str) -> Settings:
        """Make ``scratch/name`` the studio home of this process."""
        os.environ["STUDIO_HOME"] = str(self.scratch / name)
        settings.cache_clear()
        return settings()
