"""Secrets of other services (webhook addresses, API keys), encrypted before they become rows.

The key is derived from the platform's secret key, so a copy of the database alone opens
nothing. Who loses the secret key enters these secrets again.
"""

from __future__ import annotations

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from logplatform.accounts.errors import UnreadableSecretError

PURPOSE = b"logplatform: secrets of other services, 1"


def encrypt(text: str) -> str:
    """Return a secret as a row may hold it; each time another text."""
    return _fernet(settings.SECRET_KEY).encrypt(text.encode()).decode()


def decrypt(stored: str) -> str:
    """Return the secret that `encrypt` was given.

    Raises
    ------
    UnreadableSecretError
        It was stored under another secret key, or changed since.
    """
    try:
        return _fernet(settings.SECRET_KEY).decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise UnreadableSecretError(
            "a stored secret does not open: LOGPLATFORM_SECRET_KEY is not the one that it was "
            "stored under; enter the secret again"
        ) from error


@cache
def _fernet(secret_key: str) -> Fernet:
    # The secret key is long and random, so that a fast derivation is enough.
    derived = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
