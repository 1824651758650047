"""What ``anthropic.py`` is made of: the body of a request, the line it goes over, counting its tokens, and batches."""
