"""The only writer of sessions, incidents, hand-overs and fees."""
