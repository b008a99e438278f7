"""A child that does nothing until it is told to stop, for the supervisor's tests."""

import signal

signal.pause()
