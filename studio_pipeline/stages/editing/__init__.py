"""The editing room: the editor turns the footage of the surviving pilots into candidate cuts.

``footage`` is what the editor is handed, ``pacing`` chooses and trims pieces, ``assembly`` joins them, ``sound`` places
narration, ``music`` and ``looping`` the music, and ``editor`` proposes, predicts and recommends. Everything leaves this
room as ``editorial`` timelines; nobody here opens a media file.
"""
