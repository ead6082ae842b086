"""What the accounts app raises."""

from __future__ import annotations


class AccountsError(Exception):
    """Anything that accounts refuse."""


class NotSignedInError(AccountsError):
    """No valid session or token came with the request."""


class NotAllowedError(AccountsError):
    """Who asks is known and may not do this."""


class NotVisibleError(AccountsError):
    """The object does not exist, or not for who asks; both look alike on purpose."""


class InvalidAccountError(AccountsError):
    """A name, password, role or scope that cannot be stored."""


class UnreadableSecretError(AccountsError):
    """A stored secret of another service does not open with the platform's secret key."""
