"""Pages of centres: the public catalogue, a centre's own rooms and hours, one seat."""
