"""Clips: the port and its vendors, one file each. Encoding and camera paths are in ``media``."""
