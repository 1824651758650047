"""The cutting room: the timeline, and what editors of other houses can open.

The timeline is the waist of the studio. The editor's agent produces one; conform, render, captions and every
export consume one. Nothing here looks at scenes or scripts, and nothing above looks into the files of a cut.
"""
