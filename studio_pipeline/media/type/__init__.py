"""Letters: which packaged font writes them, in which shapes and order, and how lines are laid out."""
