"""Pages of an evaluation, split by who works on them: the venue, the sitting committee, the two reviews, the report."""
