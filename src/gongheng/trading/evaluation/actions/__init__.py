"""The only writer of an evaluation, split by phase: sitting, reviewing, scoring, reporting."""
