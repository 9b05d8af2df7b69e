"""The one error a user may see: a sentence with the value, the limit and the remedy."""


class SignError(ValueError):
    """A user's mistake or a missing part, told in one sentence.

    Command line, page and API print ``str(error)`` and nothing else; every other exception is a bug of ours.
    """
