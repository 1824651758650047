"""Dagster's side of the studio, and the pure call sheet that steers it.

Partitions, IO manager, resources, jobs, schedules, the facts of a production, the call sheet and the drive that
ticks it in process. No agent, no prompt, no picture lives here; the assets themselves are in ``stages/``.
"""
