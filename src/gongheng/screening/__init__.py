"""Screening for collusion (围串标筛查): a pure engine, without Django and without the platform."""
