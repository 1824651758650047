"""ffmpeg and PyAV on files, and drawing on pictures: encode, probe, type, camera moves, loudness, captions.

Everything here works on paths, arrays and frames. It knows no shots' meaning, no vendors, no money and no Dagster.
"""
