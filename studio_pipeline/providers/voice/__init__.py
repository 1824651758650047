"""Voices: the port, and the vendors that speak a line and tell when each word is said."""
