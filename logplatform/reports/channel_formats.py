"""The bodies that each kind of channel takes. Texts may come from a log, so each is defused."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from logplatform.reports.errors import InvalidChannelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from logplatform.reports.messages import Message

PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"
COLOURS = {"info": 0x3B82F6, "warning": 0xB45309, "critical": 0xB91C1C}
RECOVERED_COLOUR = 0x15803D
MAX_TEXT = 2800  # Slack takes 3,000 characters a block, the others more
MAX_TITLE = 140  # Slack's header takes 150
DEFAULT_TEMPLATE: dict[str, Any] = {
    "event": "{{ kind }}",
    "title": "{{ title }}",
    "severity": "{{ severity }}",
    "lines": "{{ lines }}",
    "more": "{{ more }}",
    "link": "{{ link }}",
    "about": "{{ about }}",
    "id": "{{ id }}",
}
_PLACE = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
MAX_TEMPLATE_CHARS = 16_384


@dataclass(frozen=True, slots=True)
class Wire:
    """A request as it leaves."""

    url: str
    body: bytes
    headers: dict[str, str]


def slack(message: Message, _: str) -> dict[str, Any]:
    """Return Slack's blocks. ``<``, ``>`` and ``&`` alone have a meaning there."""

    def plain(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def item(text: str, link: str) -> str:
        shown = plain(_short(text, 200))
        return f"• {shown} (<{link}|look>)" if link else f"• {shown}"

    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _short(message.title)}}
    ]
    body = "\n".join(item(line.text, line.link) for line in message.lines)
    body += f"\n• and {message.more} more" if message.more else ""
    if body:
        section = {"type": "mrkdwn", "text": body[:MAX_TEXT], "verbatim": True}
        blocks.append({"type": "section", "text": section})
    links = [
        f"<{link}|{name}>"
        for name, link in (("Look", message.link), ("Snooze", message.snooze_link))
        if link
    ]
    if links:
        place = {"type": "mrkdwn", "text": " · ".join(links), "verbatim": True}
        blocks.append({"type": "context", "elements": [place]})
    return {"text": plain(_short(message.title)), "blocks": blocks}


def teams(message: Message, _: str) -> dict[str, Any]:
    """Return an adaptive card, as the workflows of Microsoft Teams take it."""
    # A RichTextBlock shows its text as it is; a TextBlock would read Markdown in it.
    body: list[dict[str, Any]] = [_rich(message.title, size="Large", weight="Bolder")]
    body += [_rich(f"• {_short(line.text, 200)}") for line in message.lines]
    if message.more:
        body.append(_rich(f"• and {message.more} more"))
    actions = [
        {"type": "Action.OpenUrl", "title": name, "url": link}
        for name, link in (("Look", message.link), ("Snooze", message.snooze_link))
        if link
    ]
    card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "body": body,
        "actions": actions,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def _rich(text: str, **style: str) -> dict[str, Any]:
    run = {"type": "TextRun", "text": text, **style}
    return {"type": "RichTextBlock", "inlines": [run]}


def discord(message: Message, _: str) -> dict[str, Any]:
    """Return an embed. Nobody is mentioned, whatever the text says."""
    marks = re.compile(r"([\\*_~`|>\[\]()#<@])")
    parts = []
    for line in message.lines:
        shown = marks.sub(r"\\\1", _short(line.text, 200))
        parts.append(f"• {shown} [look]({line.link})" if line.link else f"• {shown}")
    if message.more:
        parts.append(f"• and {message.more} more")
    if message.snooze_link:
        parts.append(f"[Snooze]({message.snooze_link})")
    embed: dict[str, Any] = {
        "title": marks.sub(r"\\\1", _short(message.title)),
        "description": "\n".join(parts)[:4000],
        "color": RECOVERED_COLOUR if message.kind == "recovered" else COLOURS[message.severity],
    }
    if message.link:
        embed["url"] = message.link
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def pagerduty(message: Message, key: str) -> dict[str, Any]:
    """Return an event of PagerDuty's version 2; a recovery resolves what the firing began."""
    event: dict[str, Any] = {
        "routing_key": key,
        "event_action": "resolve" if message.kind == "recovered" else "trigger",
        "dedup_key": message.about,
        "payload": {
            "summary": _short(message.title, 1024),
            "source": "logplatform",
            "severity": message.severity,
            "custom_details": {"lines": [line.text for line in message.lines]},
        },
        "links": [{"href": message.link, "text": "Look"}] if message.link else [],
    }
    return event


BODIES: dict[str, Callable[[Message, str], dict[str, Any]]] = {
    "slack": slack,
    "teams": teams,
    "discord": discord,
    "pagerduty": pagerduty,
}


def webhook(message: Message, template: Mapping[str, Any], delivery: str) -> bytes:
    """Return a template with its places filled in.

    ``"{{ lines }}"`` alone becomes the value itself (a list, a number); within a longer text a
    place becomes text. Places are filled in after the JSON was read, so that no value can
    change what the JSON means.
    """
    values: dict[str, Any] = {
        "kind": message.kind,
        "title": message.title,
        "severity": message.severity,
        "lines": [{"text": line.text, "link": line.link} for line in message.lines],
        "more": message.more,
        "link": message.link,
        "snooze_link": message.snooze_link,
        "about": message.about,
        "report": message.report,
        "text": message.text(),
        "id": delivery,
    }
    return json.dumps(_fill(template or DEFAULT_TEMPLATE, values)).encode()


def _fill(node: Any, values: Mapping[str, Any]) -> Any:  # noqa: ANN401  (any JSON)
    if isinstance(node, dict):
        return {key: _fill(item, values) for key, item in node.items()}
    if isinstance(node, list):
        return [_fill(item, values) for item in node]
    if not isinstance(node, str):
        return node
    whole = _PLACE.fullmatch(node.strip())
    if whole is not None:
        return values[whole[1]]
    return _PLACE.sub(lambda match: _as_text(values[match[1]]), node)


def _as_text(value: Any) -> str:  # noqa: ANN401  (any JSON)
    return value if isinstance(value, str) else json.dumps(value)


def check_template(template: Any) -> None:  # noqa: ANN401  (any JSON, from a user)
    """Raise `InvalidChannelError` unless a template is an object whose places exist."""
    text = json.dumps(template)
    if not isinstance(template, dict) or len(text) > MAX_TEMPLATE_CHARS:
        raise InvalidChannelError(
            f"template: a JSON object of at most {MAX_TEMPLATE_CHARS} characters"
        )
    known = {"snooze_link", "report", "text", *_PLACE.findall(json.dumps(DEFAULT_TEMPLATE))}
    unknown = sorted(set(_PLACE.findall(text)) - known)
    if unknown:
        raise InvalidChannelError(
            f"template: no {', '.join(unknown)}; there are {', '.join(sorted(known))}"
        )


def sign(body: bytes, key: str, timestamp: int) -> str:
    """Return the signature of a body: HMAC-SHA256 of ``TIMESTAMP.BODY``, in hex."""
    signed = f"{timestamp}.".encode() + body
    return "v1=" + hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def _short(text: str, limit: int = MAX_TITLE) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= limit else one_line[: limit - 1] + "…"
