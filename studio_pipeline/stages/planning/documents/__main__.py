"""The process a document is read in: bytes on stdin, one JSON object on stdout, and no more than it may have.

What a library raises over a damaged document ends this process; its last line is what ``reading.py`` tells.
"""

from __future__ import annotations

import json
import resource
import sys

from studio_pipeline.errors import BadInput
from studio_pipeline.stages.planning.documents import epub, pdf, word

MOST_MEMORY_BYTES = 2 * 2**30
MOST_CPU_S = 120
_READERS = {"pdf": pdf.read, "word": word.read, "epub": epub.read}


def main(kind: str, most_chars: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        document = _READERS[kind](sys.stdin.buffer.read(), int(most_chars))
        told = {"text": document.text, "notes": document.notes}
    except BadInput as refused:
        told = {"refused": refused.what, "todo": refused.todo}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
