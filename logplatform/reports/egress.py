"""Requests that leave for addresses which users gave: only where the operator lets them.

The host is resolved once, every address that it has must be allowed, and the connection goes
to that very address, so that a name which changes its mind is of no use. No redirect is
followed, no proxy asked, and what is read of an answer has an end in bytes and in time.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from logplatform.reports.errors import EgressError, ForbiddenAddressError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]

TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 64 << 10
MAX_URL_CHARS = 2048
DEFAULT_PORTS = {"http": 80, "https": 443}
# Addresses that carry another inside: NAT64 (RFC 6052) and its local-use prefix (RFC 8215).
NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
# What some versions of Python call global and is not: "this network", protocol assignments,
# multicast, site-local, documentation, segment routing.
NEVER: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "192.0.0.0/24",
        "224.0.0.0/3",
        "fec0::/10",
        "3fff::/20",
        "5f00::/16",
    )
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; ``body`` is empty where it lies inside, for nobody to read."""

    status: int
    body: str
    elapsed_ms: int
    retry_after_s: int | None = None

    @property
    def is_good(self) -> bool:
        """Whether the server took the message."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def phrase(self) -> str:
        """The status in words."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return str(self.status)


def resolve_host(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, as the system resolves it."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EgressError(f"{host}: cannot be resolved: {error}") from error
    return [str(entry[4][0]) for entry in found]


@dataclass(frozen=True, slots=True)
class Egress:
    """How requests leave.

    Parameters
    ----------
    allowed
        Networks besides the public internet.
    resolve
        From a host and port to addresses.
    """

    allowed: tuple[Network, ...] = ()
    resolve: Resolve = resolve_host
    timeout_s: float = field(default=TIMEOUT_S)

    def check(self, url: str) -> SplitResult:
        """Read an address that requests may go to, as far as its text tells.

        Raises
        ------
        ForbiddenAddressError
        """
        if len(url) > MAX_URL_CHARS or not url.isascii() or not url.isprintable() or " " in url:
            raise ForbiddenAddressError(
                f"an address has at most {MAX_URL_CHARS} ASCII characters and no blanks"
            )
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ForbiddenAddressError(f"not an address: {error}") from error
        if parts.scheme not in DEFAULT_PORTS:
            raise ForbiddenAddressError("an address begins with https:// or http://")
        if not parts.hostname or port == 0 or "\\" in url or "%" in parts.netloc:
            raise ForbiddenAddressError("an address names a host")
        if parts.username is not None or parts.password is not None or "@" in parts.netloc:
            raise ForbiddenAddressError("an address has no user name or password in it")
        return parts

    def pin(self, parts: SplitResult) -> Address:
        """Return the one address that a request goes to; all that the host has are allowed.

        Raises
        ------
        ForbiddenAddressError, EgressError
        """
        host = parts.hostname or ""
        port = parts.port or DEFAULT_PORTS[parts.scheme]
        found = [_address(text, host) for text in self.resolve(host, port)]
        if not found:
            raise EgressError(f"{host}: has no address")
        for address in found:
            if not self.is_allowed(address):
                # Without the address itself: it would tell what names mean inside.
                raise ForbiddenAddressError(
                    f"{host}: is not on the public internet; the operator may allow its "
                    "network by LOGPLATFORM_CHANNEL_NETWORKS"
                )
        return found[0]

    def is_allowed(self, address: Address) -> bool:
        """Say whether requests may go to an address."""
        return is_public(address) or _is_in(address, self.allowed)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a body and return the answer, whatever its status.

        Raises
        ------
        ForbiddenAddressError, EgressError
        """
        parts = self.check(url)
        address = self.pin(parts)
        began = time.monotonic()
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = _Pinned(parts, str(address), self.timeout_s)
        # Timeouts of a socket begin anew with each byte; this one does not.
        alarm = threading.Timer(self.timeout_s, connection.cut)
        alarm.daemon = True
        alarm.start()
        try:
            connection.request("POST", target, body, dict(headers))
            response = connection.getresponse()
            data = _body(response)
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = "no answer in time" if connection.is_cut else str(error)
            raise EgressError(f"{parts.hostname}: {reason or type(error).__name__}") from error
        finally:
            alarm.cancel()
            connection.close()
        wait = response.headers.get("Retry-After", "")
        return Answer(
            status=response.status,
            body=data.decode(errors="replace") if is_public(address) else "",
            elapsed_ms=round((time.monotonic() - began) * 1000),
            retry_after_s=int(wait) if wait.isascii() and wait.isdigit() else None,
        )


def _body(response: http.client.HTTPResponse) -> bytes:
    """Return the beginning of an answer's body. The status decides, so a broken one is none."""
    try:
        return response.read(MAX_ANSWER_BYTES)
    except (OSError, http.client.HTTPException):
        return b""


def is_public(address: Address) -> bool:
    """Say whether an address, and any that it carries inside, is on the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not _is_in(address, NEVER)


def _is_in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(
        address.version == network.version and address in network for network in networks
    )


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 one leads to, None where it is one of its own."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if any(address in network for network in NAT64) or int(address) >> 32 == 0:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _address(text: str, host: str) -> Address:
    try:
        return ipaddress.ip_address(text)
    except ValueError as error:
        raise ForbiddenAddressError(f"{host}: not an address of the internet") from error


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever the host's name means by now."""

    def __init__(self, parts: SplitResult, address: str, timeout_s: float) -> None:
        host = parts.hostname or ""
        super().__init__(
            f"[{host}]" if ":" in host else host,
            parts.port or DEFAULT_PORTS[parts.scheme],
            timeout=timeout_s,
        )
        self._address = address
        self._name = host
        self._is_secure = parts.scheme == "https"
        self.is_cut = False
        # `sock` is forgotten once an answer's headers are there, and its body may never end.
        self._wire: socket.socket | None = None
        # http.client leaves a default port out of the Host header by this.
        self.default_port = DEFAULT_PORTS[parts.scheme]

    def connect(self) -> None:
        """Connect to the address; with TLS, prove that it is the host's."""
        self.sock = self._wire = socket.create_connection(
            (self._address, self.port), self.timeout
        )
        if self._is_secure:
            context = ssl.create_default_context()
            # The handshake comes after, so that `cut` finds the socket that it runs on.
            secure = context.wrap_socket(
                self.sock, server_hostname=self._name, do_handshake_on_connect=False
            )
            self.sock = self._wire = secure
            secure.do_handshake()

    def cut(self) -> None:
        """End the connection from another thread."""
        self.is_cut = True
        if self._wire is not None:
            try:
                self._wire.shutdown(socket.SHUT_RDWR)
            except OSError:  # closed just now
                return
