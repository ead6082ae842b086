"""Every environment variable the platform reads, with its type, bounds and default.

Nothing else touches `os.environ`. Log content is never configured here: a source's header
format lives in its row.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pydantic import AliasChoices, Field, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "LOGPLATFORM_"
NOT_SETTINGS = {"LOGPLATFORM_DATA"}  # where tests and benchmarks find their corpora
MIB = 1 << 20


class Config(BaseSettings):
    """Typed view of ``LOGPLATFORM_*``, ``DATABASE_URL`` and ``REDIS_URL``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    home: Path = Path("var")
    secret_key: SecretStr | None = None  # none: a random one in the home, made at first use
    debug: bool = False
    allowed_hosts: str = "127.0.0.1,localhost,[::1]"
    trusted_origins: str = ""  # https://logs.example.org behind a TLS proxy; comma-separated
    database_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("DATABASE_URL", "database_url")
    )
    redis_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("REDIS_URL", "redis_url")
    )
    ingest_wire_bytes: PositiveInt = 16 * MIB
    ingest_bytes: PositiveInt = 64 * MIB  # one request, decoded; OTLP's default as well
    upload_wire_bytes: PositiveInt = 5 << 30
    upload_bytes: PositiveInt = 50 << 30
    disk_reserve_bytes: int = Field(default=256 * MIB, ge=0)  # writes are refused below
    seal_bytes: PositiveInt = 64 * MIB
    seal_after_s: float = Field(default=10.0, ge=0, le=3600)
    worker_processes: PositiveInt = Field(default=2, le=64)
    detect_after_s: float = Field(default=15.0, ge=0, le=3600)  # of silence: all units end
    triage_encoder: str = ""  # Hugging Face id or folder; none: the extra `encoder`
    detect_device: Literal["auto", "cpu", "cuda"] = "auto"
    public_address: str = ""  # https://logs.example.org: what links in messages begin with
    email_server: SecretStr | None = None  # smtp://user:password@host:587?tls=starttls
    email_from: str = "logplatform@localhost"
    channel_networks: str = ""  # 10.0.0.0/8: what channels may reach besides the internet

    @property
    def hosts(self) -> list[str]:
        """Return the host names that requests may name."""
        return _items(self.allowed_hosts)

    @property
    def origins(self) -> list[str]:
        """Return the origins, besides our own, whose forms are trusted."""
        return _items(self.trusted_origins)

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Return the networks that channels may reach besides the public internet."""
        return tuple(ip_network(item) for item in _items(self.channel_networks))


@dataclass(frozen=True, slots=True)
class MailServer:
    """The SMTP server that mails are handed to; no host: none."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    is_tls: bool = False  # from the first byte
    starts_tls: bool = False


def mail_server(config: Config) -> MailServer:
    """Return the SMTP server that ``LOGPLATFORM_EMAIL_SERVER`` names."""
    if config.email_server is None:
        return MailServer()
    url = urlsplit(config.email_server.get_secret_value())
    tls = dict(parse_qsl(url.query)).get("tls", "starttls" if url.port == 587 else "none")
    if (
        url.scheme not in {"smtp", "smtps"}
        or not url.hostname
        or tls not in {"none", "starttls"}
    ):
        raise ValueError("LOGPLATFORM_EMAIL_SERVER: smtp://user:password@host:587?tls=starttls")
    return MailServer(
        host=url.hostname,
        port=url.port or (465 if url.scheme == "smtps" else 25),
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        is_tls=url.scheme == "smtps",
        starts_tls=url.scheme == "smtp" and tls == "starttls",
    )


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


@cache
def load() -> Config:
    """Return the configuration; the environment is read once."""
    return Config()


def use_home(home: Path) -> None:
    """Set the home for this process and its children, as ``--home`` asks."""
    os.environ[f"{PREFIX}HOME"] = str(home.resolve())
    load.cache_clear()


def choose_settings() -> None:
    """Name the settings module, unless the environment (the test suite's) names another."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "logplatform.settings")


def start_django() -> None:
    """Load the settings and the apps, for a process that is not Django's own."""
    choose_settings()
    import django

    django.setup()


def unknown_variables() -> list[str]:
    """Return the ``LOGPLATFORM_*`` variables of the environment that mean nothing."""
    known = {f"{PREFIX}{name}".upper() for name in Config.model_fields} | NOT_SETTINGS
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


def database(config: Config) -> dict[str, object]:
    """Return Django's description of the database that ``DATABASE_URL`` names.

    SQLite runs with a write-ahead log, full sync (a committed row survives a power cut) and
    immediate transactions, so that writers wait their turn instead of failing half-way.
    """
    if config.database_url is None:
        return _sqlite(config.home.resolve() / "db.sqlite3")
    url = urlsplit(config.database_url.get_secret_value())
    if url.scheme == "sqlite":
        return _sqlite(Path(unquote(url.path.removeprefix("/"))))
    if url.scheme in {"postgres", "postgresql"}:
        return _postgresql(url)
    raise ValueError(f"DATABASE_URL: scheme {url.scheme!r} is not sqlite or postgresql")


def _sqlite(path: Path) -> dict[str, object]:
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32768;"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE", "init_command": pragmas},
    }


def _postgresql(url: SplitResult) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname or "",
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
