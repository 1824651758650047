"""Still pictures: the port and its vendors, one file each. What is drawn offline, and how, is in ``drawing/``."""
