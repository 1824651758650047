"""Vendors over the network: one file a vendor, whatever kinds it makes, and what they all stand on.

``setup.py`` is what an adapter is made from, ``api.py`` one REST call with its one meaning for money, ``download.py``
the way a finished file comes down, ``inbox.py`` keeps what a vendor answers with the file itself.
"""
