"""Texts as the words and word parts that logs are made of, for the linear rung."""

from __future__ import annotations

import re

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")


def spread(text: str) -> str:
    """Lower the case and add the parts of compound words: ``hwMgmdHost`` also as ``mgmd host``.

    Logs name things in camel case and with underscores; a model that has seen ``SESSION_DOWN``
    should know ``sessionDown``.
    """
    words: list[str] = []
    for word in text.split():
        parts = _PART.findall(word)
        words.append(word.lower())
        if len(parts) > 1 or (parts and parts[0] != word):
            words += [part.lower() for part in parts]
    return " ".join(words)
