"""Planning: the brief is read, the story ingested, and the producer decides which pilots compete for the money."""
