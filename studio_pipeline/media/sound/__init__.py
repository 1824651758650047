"""The sound of a film as numbers: stems, their mix, its loudness, and what of it can be seen."""
