"""The one exception that a user is meant to read."""


class TcmrError(Exception):
    """Something the user gave cannot be used; the message says what, why and the remedy in one line."""
