"""Channels: what really arrives at real servers, and what becomes of what does not."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
from datetime import UTC, datetime, timedelta

import pytest

from logplatform.accounts.encryption import decrypt, encrypt
from logplatform.accounts.errors import UnreadableSecretError
from logplatform.reports import channel_formats, channels, deliveries
from logplatform.reports.channels import ChannelDraft
from logplatform.reports.errors import InvalidChannelError, NameTakenError
from logplatform.reports.messages import Line, Message, read_message
from logplatform.reports.models import Channel, ChannelKind, Delivery, DeliveryState
from tests.receivers import http_receiver, mailbox

EVIL = "<!channel> @everyone [x](http://evil) *b* &amp; {{ title }} \r\nBcc: x@y"
MESSAGE = Message(
    kind="firing",
    title=f"shop: 12 records {EVIL}",
    severity="critical",
    lines=(Line(f"a {EVIL}", "https://logs.example/explore?q=1"), Line("b")),
    more=3,
    link="https://logs.example/alerts/1",
    snooze_link="https://logs.example/alerts/1?snooze=60",
    about="logplatform-rule-1",
)
URL_KINDS = ("slack", "teams", "discord", "pagerduty", "webhook")


@pytest.fixture
def receiver(settings):
    settings.CONFIG = settings.CONFIG.model_copy(update={"channel_networks": "127.0.0.0/8"})
    with http_receiver() as found:
        yield found


@pytest.fixture
def smtp(settings):
    with mailbox() as found:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.DEFAULT_FROM_EMAIL = "Logs <logs@example.org>"
        yield found


def draft(kind, receiver=None, **given):
    defaults = {"name": kind, "kind": kind}
    if receiver is not None:
        defaults["url"] = receiver.url
    if kind == "pagerduty":
        defaults["key"] = "routing"
    if kind == "email":
        defaults["recipients"] = ("ops@example.org", "dev@example.org")
    return ChannelDraft(**{**defaults, **given})


def create(team, kind, receiver=None, **given):
    return channels.create_channel(team=team, draft=draft(kind, receiver, **given))


def texts(node):
    """Return every string of some JSON."""
    if isinstance(node, dict):
        return [text for value in node.values() for text in texts(value)]
    if isinstance(node, list):
        return [text for value in node for text in texts(value)]
    return [node] if isinstance(node, str) else []


@pytest.mark.parametrize("kind", URL_KINDS)
def test_message_arrives_with_its_id_and_title(team, receiver, kind):
    outcome = channels.send(create(team, kind, receiver), MESSAGE, "id-1")
    assert outcome.is_sent
    headers, _ = receiver.requests[0]
    assert headers["Idempotency-Key"] == "id-1"
    said = "\n".join(texts(receiver.bodies()[0]))
    assert "shop: 12 records" in said
    assert "https://logs.example/alerts/1" in said


def test_log_text_mentions_nobody_and_formats_nothing(team, receiver):
    for kind in ("slack", "discord", "teams"):
        channels.send(create(team, kind, receiver), MESSAGE, kind)
    slack, discord, teams = receiver.bodies()
    assert "<!channel>" not in json.dumps(slack["blocks"][1:])
    assert "&lt;!channel&gt;" in slack["blocks"][1]["text"]["text"]
    assert discord["allowed_mentions"] == {"parse": []}
    assert "[x](http" not in discord["embeds"][0]["description"]
    card = teams["attachments"][0]["content"]
    assert {item["type"] for item in card["body"]} == {"RichTextBlock"}


def test_pagerduty_resolves_what_it_triggered(team, receiver):
    channel = create(team, "pagerduty", receiver)
    channels.send(channel, MESSAGE, "1")
    channels.send(channel, Message("recovered", "over", about=MESSAGE.about), "2")
    first, second = receiver.bodies()
    assert (first["event_action"], second["event_action"]) == ("trigger", "resolve")
    assert first["dedup_key"] == second["dedup_key"]
    assert first["routing_key"] == "routing"


def test_webhook_is_signed_and_fills_its_template_in(team, receiver):
    template = {"what": "{{ title }} !", "lines": "{{ lines }}", "n": ["{{more}}", 5, None]}
    channel = create(team, "webhook", receiver, key="hush", template=template)
    channels.send(channel, MESSAGE, "id-1")
    headers, body = receiver.requests[0]
    found = json.loads(body)
    assert found["what"] == MESSAGE.title + " !"  # with its own {{ title }} as it is
    assert found["lines"][1] == {"text": "b", "link": ""}
    assert found["n"] == [3, 5, None]
    signed = headers["X-Logplatform-Timestamp"].encode() + b"." + body
    expected = hmac.new(b"hush", signed, hashlib.sha256).hexdigest()
    assert headers["X-Logplatform-Signature"] == f"v1={expected}"


def test_mail_arrives_at_all_and_no_header_is_smuggled_in(team, smtp):
    outcome = channels.send(create(team, "email"), MESSAGE, "id-1")
    assert outcome.is_sent
    (mail,) = smtp.mails
    assert mail["To"] == "ops@example.org, dev@example.org"
    assert mail["From"] == "Logs <logs@example.org>"
    assert mail["Message-ID"] == "<id-1@logplatform>"
    assert mail["Bcc"] is None
    assert "12 records" in mail["Subject"]
    assert "https://logs.example/alerts/1?snooze=60" in mail.get_content()


def test_refused_recipient_is_said_and_the_others_have_the_mail_once(team, smtp):
    smtp.refused = {"dev@example.org"}
    outcome = channels.send(create(team, "email"), MESSAGE, "1")
    assert outcome.is_sent
    assert "dev@example.org: 550" in outcome.answer
    smtp.refused |= {"ops@example.org"}
    outcome = channels.send(Channel.objects.get(), MESSAGE, "2")
    assert (outcome.is_sent, outcome.is_final) == (False, True)
    assert len(smtp.mails) == 1


def test_mail_without_a_server_says_what_to_set(team, settings):
    settings.EMAIL_HOST = ""
    outcome = channels.send(create(team, "email"), MESSAGE, "1")
    assert (outcome.is_sent, outcome.is_final) == (False, True)
    assert "LOGPLATFORM_EMAIL_SERVER" in outcome.answer


def test_address_inside_is_refused_when_it_is_sent_to(team, settings):
    channel = create(team, "webhook", url="http://169.254.169.254/latest/")
    outcome = channels.send(channel, MESSAGE, "1")
    assert (outcome.is_sent, outcome.is_final) == (False, True)
    assert "LOGPLATFORM_CHANNEL_NETWORKS" in outcome.answer


@pytest.mark.parametrize(
    ("status", "is_final"),
    [(400, True), (404, True), (302, True), (408, False), (429, False), (500, False)],
)
def test_answer_decides_whether_it_is_tried_again(team, receiver, status, is_final):
    receiver.status = status
    outcome = channels.send(create(team, "webhook", receiver), MESSAGE, "1")
    assert (outcome.is_sent, outcome.is_final) == (False, is_final)
    assert outcome.answer.startswith(str(status))


def queued(team, receiver, **given):
    channel = create(team, "webhook", receiver)
    deliveries.queue([channel], MESSAGE, identity="x")
    deliveries.queue([channel], MESSAGE, identity="x")
    delivery = Delivery.objects.get()
    Delivery.objects.update(**given)
    return delivery


def test_delivery_is_made_once_and_logged(team, receiver):
    delivery = queued(team, receiver)
    assert deliveries.ready(datetime.now(tz=UTC)) == [delivery.pk]
    assert deliveries.deliver(delivery.pk)
    assert not deliveries.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SENT
    assert [entry["answer"] for entry in delivery.log] == ["200 OK"]
    assert len(receiver.requests) == 1
    assert read_message(delivery.message) == MESSAGE


def test_failing_delivery_waits_longer_each_time_and_dies_in_the_end(team, receiver):
    receiver.status = 503
    delivery = queued(team, receiver)
    waits = []
    for _ in range(deliveries.MAX_TRIES):
        Delivery.objects.update(not_before=datetime.now(tz=UTC))
        assert deliveries.deliver(delivery.pk)
        delivery.refresh_from_db()
        waits.append((delivery.not_before - datetime.now(tz=UTC)).total_seconds())
    assert delivery.state == DeliveryState.DEAD
    assert [round(wait, -1) for wait in waits[:5]] == [30, 120, 480, 1920, 7680]
    assert len(delivery.log) == deliveries.MAX_TRIES
    receiver.status = 200
    assert deliveries.revive(delivery)
    assert deliveries.deliver(delivery.pk)
    assert Delivery.objects.get().state == DeliveryState.SENT


def test_receiver_may_ask_to_wait(team, receiver):
    receiver.status, receiver.headers = 429, {"Retry-After": "600"}
    delivery = queued(team, receiver)
    deliveries.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.not_before > datetime.now(tz=UTC) + timedelta(seconds=590)


def test_delivery_whose_sender_died_is_tried_again_with_the_same_id(team, receiver):
    delivery = queued(
        team,
        receiver,
        state=DeliveryState.SENDING,
        lease_until=datetime.now(tz=UTC) - timedelta(seconds=1),
    )
    assert deliveries.deliver(delivery.pk)
    assert receiver.requests[0][0]["Idempotency-Key"] == str(delivery.pk)


def test_disabled_channel_gets_nothing(team, receiver):
    channel = create(team, "webhook", receiver, is_enabled=False)
    deliveries.queue([channel], MESSAGE, identity="x")
    assert not Delivery.objects.exists()


def test_test_shows_the_real_answer(team, receiver):
    receiver.status, receiver.body = 418, b"no"
    outcome = deliveries.send_test(create(team, "webhook", receiver))
    assert not outcome.is_sent
    assert outcome.answer == "418 I'm a Teapot"  # a body from inside is nobody's to read
    assert receiver.bodies()[0]["event"] == "test"


def test_secrets_are_encrypted_and_kept_when_left_out(team, receiver):
    channel = create(team, "webhook", receiver, key="hush")
    assert receiver.url not in channel.secret
    assert "hush" not in json.dumps(channel.options)
    channels.change_channel(channel, ChannelDraft("renamed", "webhook"))
    assert channels.send(channel, MESSAGE, "1").is_sent
    assert "X-Logplatform-Signature" in receiver.requests[0][0]


def test_secret_of_another_key_does_not_open(settings):
    stored = encrypt("hush")
    assert decrypt(stored) == "hush"
    settings.SECRET_KEY = "another"
    with pytest.raises(UnreadableSecretError):
        decrypt(stored)


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "webhook"},
        {"kind": "fax"},
        {"kind": "webhook", "url": "ftp://example.org"},
        {"kind": "slack", "url": "https://user:pw@example.org"},
        {"kind": "email", "recipients": ()},
        {"kind": "email", "recipients": ("no address",)},
        {"kind": "email", "recipients": ("a@b.org\nBcc: c@d.org",)},
        {"kind": "pagerduty", "key": ""},
        {"kind": "webhook", "url": "https://example.org", "template": {"a": "{{ secret }}"}},
        {"kind": "webhook", "url": "https://example.org", "template": ["a"]},
        {"kind": "email", "name": ""},
    ],
)
def test_channel_that_could_never_deliver_is_refused(team, given):
    with pytest.raises(InvalidChannelError):
        create(team, **given)


def test_name_is_taken_once(team):
    create(team, "email")
    with pytest.raises(NameTakenError):
        create(team, "email")


def test_every_kind_has_its_form():
    assert {*channel_formats.BODIES, "webhook", "email"} == set(ChannelKind.values)


def test_networks_of_the_operator_are_read(settings):
    config = settings.CONFIG.model_copy(update={"channel_networks": "10.0.0.0/8, ::1/128"})
    assert config.networks == (
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("::1/128"),
    )
