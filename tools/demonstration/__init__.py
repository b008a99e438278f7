"""The demonstration province (演示省): organisations, centres, experts, and everybody's soft certificates.

Everything here exists only where ``settings.IS_DEMONSTRATION`` is set. The cabinet stands in for
the drawers in which people keep their UKeys; the demonstration authority stands in for a CA.
"""
