"""Music: the port, and the vendors that make a track. Notes and instruments are the offline vendor's own."""
