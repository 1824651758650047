"""The tables of the ledger, and their version.

What lives here: tables. What does not: opening the database they are in (``database.py``), bringing an older one up
to this version (``migration.py``), what a purchase is (``purchase.py``), and what may be done with it (``ledger.py``).
"""

from __future__ import annotations

import sqlalchemy as sa

from studio_pipeline.budget.purchase import LIVE

VERSION = 3

metadata = sa.MetaData()

version = sa.Table("ledger_version", metadata, sa.Column("version", sa.Integer, primary_key=True, autoincrement=False))

envelopes = sa.Table(
    "envelopes",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("cap_micro", sa.BigInteger, sa.CheckConstraint("cap_micro >= 0"), nullable=False),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("caps_json", sa.Text, nullable=False),
    sa.Column("outcome_json", sa.Text, nullable=False),
    sa.Column("decided_at", sa.Text, nullable=False),
)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("identity", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("production", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("vendor", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("take", sa.Integer, nullable=False),
    sa.Column("expected_micro", sa.BigInteger, nullable=False),
    sa.Column("max_micro", sa.BigInteger, sa.CheckConstraint("max_micro >= 0"), nullable=False),
    sa.Column("settled_micro", sa.BigInteger, sa.CheckConstraint("settled_micro >= 0")),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("job_id", sa.Text),
    sa.Column("why", sa.Text, nullable=False, server_default=""),
    sa.Column("media_json", sa.Text),
    sa.Column("details_json", sa.Text, nullable=False, server_default="{}"),
    sa.Column("events_json", sa.Text, nullable=False, server_default="[]"),
    sa.Column("owner", sa.Text),
    sa.Column("touched_s", sa.BigInteger, nullable=False),
    sa.Column("opened_at", sa.Text, nullable=False),
    sa.Column("closed_at", sa.Text),
    sa.Index("entries_by_production", "production", "state"),
    sqlite_autoincrement=True,
)
_live = sa.text("state IN (" + ", ".join(f"'{state}'" for state in LIVE) + ")")
sa.Index("one_live_entry_an_identity", entries.c.identity, unique=True, sqlite_where=_live, postgresql_where=_live)

_of_one_job = sa.text("job_id IS NOT NULL AND NOT simulated")  # offline vendors have one job for equal requests
sa.Index(
    "one_entry_a_job",
    entries.c.vendor,
    entries.c.job_id,
    unique=True,
    sqlite_where=_of_one_job,
    postgresql_where=_of_one_job,
)

enrolments = sa.Table(
    "enrolments",
    metadata,
    sa.Column("production", sa.Text, primary_key=True),
    sa.Column("envelope", sa.Text, primary_key=True),
)

entry_envelopes = sa.Table(
    "entry_envelopes",
    metadata,
    sa.Column("envelope", sa.Text, sa.ForeignKey("envelopes.name"), primary_key=True),
    sa.Column("entry", sa.Integer, sa.ForeignKey("entries.id"), primary_key=True),
)
