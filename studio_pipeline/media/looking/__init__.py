"""Looking at pictures: what an inspector or an editor measures on them. Judging is done elsewhere."""
