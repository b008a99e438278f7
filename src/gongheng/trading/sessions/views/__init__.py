"""Pages of a session: the console, arrivals, incidents, files and fees."""
