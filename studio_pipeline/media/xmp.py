"""What a film says of its origin in XMP, the way the IPTC asks for it: one property in one packet at the file's end.

ExifTool, MediaInfo and ffmpeg (``-export_xmp 1``) read it there, and so do the places that label what is generated. It
is not signed: whoever wants to can remove it, unlike the manifest of ``credentials/content_credentials.py``.
"""

from __future__ import annotations

import struct
from pathlib import Path
from xml.sax.saxutils import quoteattr

_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""Of the box that holds XMP in an MP4 (Adobe, XMP Specification part 3, 2020, table 18)."""
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" \
Iptc4xmpExt:DigitalSourceType={source}/>
</rdf:RDF></x:xmpmeta><?xpacket end="r"?>"""


def append_source_type(film: Path, term: str) -> None:
    """Have the MP4 ``film`` say that it is of this digital source type, a term of the IPTC as a URL.

    It goes behind everything else, so no sample moves.
    """
    packet = _PACKET.format(source=quoteattr(term)).encode()
    with film.open("ab") as file:
        file.write(struct.pack(">I4s", 8 + len(_UUID) + len(packet), b"uuid") + _UUID + packet)
