"""What the name of a field says about its values: a category by the labelling guide.

One table for the fields of headers and for the keys of JSON and logfmt lines. A name is looked
up whole, then by its last words: ``upstream.http_status_code`` is a ``status_code``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from valb.category import Category

if TYPE_CHECKING:
    from collections.abc import Collection

_TABLE = {
    Category.OID: """
        id uid gid euid egid pid ppid tid sid uuid guid session sessionid request_id req_id
        trace span correlation transaction txid xid tx seq sequence serial connection conn
        container_id job_id token key fingerprint hash digest checksum etag mac nonce msgid
        mid cookie handle pgid jobid traceid spanid requestid userid clientid""",
    Category.LOI: """
        client ip ips addr address host hosts hostname host_name server server_name node
        node_name rack peer remote local upstream backend listener rhost src dst source_ip
        dest destination endpoint url uri href link path paths pathname file files filename
        file_name folder dir directory root cwd route referer referrer origin forwarded_for
        port line lineno line_number caller location region zone datacenter bucket mount
        gateway gw subnet network cidr target_host vhost authority x_forwarded_for
        remote_addr client_addr sender recipient mailbox""",
    Category.OBN: """
        user username user_name ruser login logname account owner principal name service app
        application program process module class logger package unit task queue topic
        exchange pod namespace cluster container image database db dbname schema table
        collection index_name role group device interface iface ifname driver cmd command
        comm exe function func thread worker executor stage_name job domain realm tenant
        customer organization org project repo repository branch ident actor subject
        upstream_name frontend_name backend_name controller""",
    Category.TID: """
        type kind mode method verb state reason action operation op event event_type
        event_name category facility scheme proto protocol_name severity label stream
        environment env phase stage error_type exception error_class cause outcome result
        cache_status content_type mime encoding format locale lang language country
        termination_state http_method request_method""",
    Category.SID: """
        enabled disabled flag flags active success successful ok cached hit secure dry_run
        debug tls ssl verified valid healthy ready leader readonly""",
    Category.TDA: """
        time timestamp date datetime duration elapsed latency took request_time
        response_time upstream_response_time connect_time rt ms us ns usec msec sec secs
        second seconds minutes hours days timeout interval uptime age ttl delay wait expires
        expiry deadline start_time end_time started finished created created_at updated
        updated_at since until runtime millis micros nanos secs_elapsed backoff period s""",
    Category.CRS: """
        bytes size content_length body_bytes_sent bytes_sent bytes_received bytes_in
        bytes_out memory mem rss vsz heap heap_used disk cpu cpus bandwidth kb mb gb kib mib
        gib request_length response_size capacity throughput swap ram""",
    Category.OBA: """
        count counts n num total retries tries rows records items lines packets hits depth
        threads workers connections queries pending remaining limit batch_size queue_size
        pool_size percent progress requests errors failures rows_affected attempts users
        messages events nodes tasks""",
    Category.STC: """
        status status_code statuscode http_status httpstatus response_code responsecode
        response rc exit exit_code exitcode return_code retcode errno error_code errorcode
        err_code code signal grpc_code sqlstate""",
    Category.OTP: """
        agent user_agent useragent ua version protocol http_version query args params
        request""",
}
_NAMES = {name: category for category, names in _TABLE.items() for name in names.split()}
_FIRST_WORDS = {"is": Category.SID, "has": Category.SID, "num": Category.OBA}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LOOKS = (
    (re.compile(rb"/?[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:[:/][0-9]+)?"), Category.LOI),
    (re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://\S+|(?:[A-Za-z]:)?[/\\]\S*"), Category.LOI),
    (re.compile(rb"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"), Category.OID),
    (re.compile(rb"[0-9A-Fa-f]{16}|[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}"), Category.OID),
    (re.compile(rb"true|false|True|False|yes|no"), Category.SID),
    (re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,]+(?:Z|[+-][0-9:]+)?"), Category.TDA),
    (re.compile(rb"[0-9]+(?:\.[0-9]+)?(?:ns|us|\xc2\xb5s|ms|s)"), Category.TDA),
)
_NUMBER = re.compile(rb"[+-]?[0-9]+|0x[0-9A-Fa-f]+")
# A name's number is an identity, a type's number a code; a code's word is a type.
_OF_NUMBERS = {Category.OBN: Category.OID, Category.TID: Category.STC}
_OF_WORDS = {Category.STC: Category.TID}


def category_of(name: str, values: Collection[bytes]) -> Category | None:
    """Return the category of a field's values by its name, None where it tells nothing.

    Parameters
    ----------
    name
        Of a header's field or a key, with its path (``http.status``).
    values
        Some of its values: whether ``state`` is a word or a code shows only there.
    """
    named = _by_name(name)
    told = [value for value in values if value not in NOTHING]
    if named is None or not told:
        return named
    if all(map(_NUMBER.fullmatch, told)):
        return _OF_NUMBERS.get(named, named)
    if not any(any(48 <= byte <= 57 for byte in value) for value in told):
        return _OF_WORDS.get(named, named)
    return named


def category_of_name(name: str) -> Category | None:
    """Return the category that a field has whatever its values are; None where they count."""
    named = _by_name(name)
    return None if named in _OF_NUMBERS or named in _OF_WORDS else named


# How logs write that there is no value.
NOTHING = frozenset({b"", b"-", b"null", b"None", b"(null)", b"nil"})


def category_of_looks(values: Collection[bytes]) -> Category:
    """Return the category of values that no known name tells, by what they look like."""
    told = [value for value in values if value not in NOTHING]
    for pattern, category in _LOOKS:
        if told and all(map(pattern.fullmatch, told)):
            return category
    return Category.OTP


@lru_cache(maxsize=4096)
def _by_name(name: str) -> Category | None:
    words = re.findall(r"[a-z0-9]+", _HUMP.sub("_", name).lower())
    for first in range(len(words)):
        found = _NAMES.get("_".join(words[first:]))
        if found is not None:
            return found
    if words and words[0] in _FIRST_WORDS:
        return _FIRST_WORDS[words[0]]
    return Category.CRS if "bytes" in words else None
