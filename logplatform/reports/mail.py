"""Mails: a report with its pictures inside, or an alert; sent by the operator's SMTP server."""

from __future__ import annotations

import smtplib
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from logplatform.reports.errors import EgressError, ForbiddenAddressError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


def is_configured() -> bool:
    """Say whether the operator has named an SMTP server."""
    return bool(settings.EMAIL_HOST)


def compose(
    *,
    subject: str,
    to: Sequence[str],
    text: str,
    message_id: str,
    date: datetime,
    html: str = "",
) -> EmailMessage:
    """Return a mail; with ``html`` also as such."""
    mail = EmailMessage()
    # A line end in a subject would begin another header.
    mail["Subject"] = " ".join(subject.split())
    mail["From"] = _address(settings.DEFAULT_FROM_EMAIL)
    mail["To"] = [_address(address) for address in to]
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = f"<{message_id}@logplatform>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def add_pictures(mail: EmailMessage, pictures: Mapping[str, bytes]) -> None:
    """Put PNG pictures, by their content ids, beside the HTML part that shows them."""
    html = mail.get_body(("html",))
    assert isinstance(html, EmailMessage)
    for name, data in pictures.items():
        html.add_related(
            data, "image", "png", cid=f"<{name}>", filename=f"{name}.png", disposition="inline"
        )


def add_pdf(mail: EmailMessage, data: bytes, filename: str) -> None:
    """Attach a PDF."""
    mail.add_attachment(data, maintype="application", subtype="pdf", filename=filename)


def send(mail: EmailMessage) -> str:
    """Hand a mail to the SMTP server; return what it said.

    Raises
    ------
    EgressError
        It did not take the mail; `ForbiddenAddressError` where it never will.
    """
    if not is_configured():
        raise ForbiddenAddressError(
            "no SMTP server: the operator sets LOGPLATFORM_EMAIL_SERVER"
        )
    try:
        # The SMTP backend has the settings, TLS and sign-in; its own messages know no pictures.
        backend: Any = get_connection()
        assert isinstance(backend, EmailBackend)
        backend.open()
        client = backend.connection
        assert client is not None
        try:
            refused = client.send_message(mail)
        finally:
            backend.close()
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal(error.recipients) from error
    except smtplib.SMTPResponseException as error:
        said = f"{error.smtp_code} {_words(error.smtp_error)}"
        kind = ForbiddenAddressError if error.smtp_code >= 500 else EgressError
        raise kind(f"the SMTP server says {said}") from error
    except (OSError, smtplib.SMTPException, ImproperlyConfigured) as error:
        raise EgressError(f"{settings.EMAIL_HOST}: {error}") from error
    said = f"taken for {mail['To']}"
    # The others have it: another try would give them a second one.
    return f"{said}; {_refusal(refused)}" if refused else said


def _refusal(refused: Mapping[str, tuple[int, bytes]]) -> EgressError:
    said = "; ".join(f"{to}: {code} {_words(why)}" for to, (code, why) in refused.items())
    is_final = all(code >= 500 for code, _ in refused.values())
    kind = ForbiddenAddressError if is_final else EgressError
    return kind(f"refused: {said}")


def _words(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(name, addr_spec=address)
