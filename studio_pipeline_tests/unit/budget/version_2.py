"""A ledger as version 2 of the program wrote it: its tables word for word, and a few purchases."""

import sqlite3
from contextlib import closing
from pathlib import Path

TABLES = """
CREATE TABLE ledger_version (version INTEGER NOT NULL, PRIMARY KEY (version));
CREATE TABLE envelopes (
    name TEXT NOT NULL,
    cap_micro BIGINT NOT NULL CHECK (cap_micro >= 0),
    PRIMARY KEY (name)
);
CREATE TABLE decisions (
    "key" TEXT NOT NULL,
    caps_json TEXT NOT NULL,
    outcome_json TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    PRIMARY KEY ("key")
);
CREATE TABLE entries (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    identity TEXT NOT NULL,
    state TEXT NOT NULL,
    production TEXT NOT NULL,
    place TEXT NOT NULL,
    stage TEXT NOT NULL,
    vendor TEXT NOT NULL,
    model TEXT NOT NULL,
    take INTEGER NOT NULL,
    expected_micro BIGINT NOT NULL,
    max_micro BIGINT NOT NULL CHECK (max_micro >= 0),
    settled_micro BIGINT CHECK (settled_micro >= 0),
    simulated BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    job_id TEXT,
    why TEXT DEFAULT '' NOT NULL,
    media_json TEXT,
    details_json TEXT DEFAULT '{}' NOT NULL,
    events_json TEXT DEFAULT '[]' NOT NULL,
    owner TEXT,
    touched_s BIGINT NOT NULL,
    opened_at TEXT NOT NULL,
    closed_at TEXT
);
CREATE INDEX entries_by_production ON entries (production, state);
CREATE UNIQUE INDEX one_live_entry_an_identity ON entries (identity)
    WHERE state IN ('reserved', 'submitting', 'submitted', 'ambiguous', 'settled', 'lost');
CREATE TABLE entry_envelopes (
    envelope TEXT NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (envelope, entry),
    FOREIGN KEY(envelope) REFERENCES envelopes (name),
    FOREIGN KEY(entry) REFERENCES entries (id)
);
INSERT INTO ledger_version VALUES (2);
INSERT INTO envelopes VALUES ('production:lighthouse', 10000000), ('pilot:lighthouse|animated', 6000000);
INSERT INTO decisions VALUES ('verdicts:lighthouse', '{}', '{"shares":{"animated":100}}', '2026-11-01T00:00:00+00:00');
"""
_ENTRY = """
INSERT INTO entries (identity, state, production, place, stage, vendor, model, take, expected_micro, max_micro,
    settled_micro, simulated, source, job_id, media_json, touched_s, opened_at)
VALUES ('{identity}', '{state}', 'lighthouse', 'animated.s01.k1', 'shoot', 'painter', 'painter/oil', 1, 1000000,
    1000000, {settled}, {simulated}, 'a price list', {job}, {media}, 0, '2026-11-01T00:00:00+00:00');
"""
_MEDIA = f"""'{{"sha256":"{"c" * 64}","suffix":".mp4","size_bytes":7}}'"""


def statements(*, twice_one_job: bool = False) -> str:
    """SQL that makes it: $1 bought with simulated money twice over, $1 really, $1 set aside."""
    lines = [("settled", "'job-1'", True), ("settled", "'job-1'", True), ("settled", "'job-2'", False)]
    lines += [("settled" if twice_one_job else "reserved", "'job-2'" if twice_one_job else "NULL", False)]
    script = TABLES
    for number, (state, job, simulated) in enumerate(lines, start=1):
        script += _ENTRY.format(
            identity=f"{number}" * 64,
            state=state,
            job=job,
            simulated=str(simulated).upper(),
            settled="1000000" if state == "settled" else "NULL",
            media=_MEDIA if state == "settled" else "NULL",
        )
        for envelope in ("production:lighthouse", "pilot:lighthouse|animated"):
            script += f"INSERT INTO entry_envelopes VALUES ('{envelope}', {number});\n"
    return script


def make_file(file: Path, *, twice_one_job: bool = False) -> Path:
    """The ledger as a file, with its last purchases still in the log beside it as a killed program leaves them."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(statements(twice_one_job=twice_one_job))
        connection.commit()
    return file
