"""Captions: when each is shown, where it breaks, and the files they are written as."""
