"""Django's settings, derived from `logplatform.config`; nothing is read from elsewhere."""

from __future__ import annotations

from pathlib import Path

from logplatform import broker
from logplatform import config as configuration
from logplatform.home import Home

CONFIG = configuration.load()
HOME = Home(CONFIG.home.resolve())
BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = CONFIG.secret_key.get_secret_value() if CONFIG.secret_key else HOME.secret_key()
DEBUG = CONFIG.debug
ALLOWED_HOSTS = CONFIG.hosts
CSRF_TRUSTED_ORIGINS = CONFIG.origins

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "drf_spectacular",
    "logplatform.accounts",
    "logplatform.logs",
    "logplatform.detection",
    "logplatform.triage",
    "logplatform.reports",
    "logplatform.api",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "logplatform.api.headers.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "logplatform.urls"
WSGI_APPLICATION = "logplatform.wsgi.application"
APPEND_SLASH = False

DATABASES = {"default": configuration.database(CONFIG)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

FRONTEND = BASE_DIR / "frontend" / "dist"
STATIC_URL = "/static/"
WHITENOISE_ROOT = FRONTEND if FRONTEND.is_dir() else None
WHITENOISE_INDEX_FILE = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0  # all but assets/, whose names change with their content
# Vite puts a content hash into each name below assets/.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/assets/"

# Cookies are not marked Secure unless a TLS origin is configured: `up` serves plain http on
# this machine, and browsers drop Secure cookies there.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = any(
    origin.startswith("https://") for origin in CONFIG.origins
)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "logplatform.api.problems.csrf_failure"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "logplatform.api.authentication.Authentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "logplatform.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "logplatform",
    "DESCRIPTION": "Ingest, search and patterns of logs.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
}

MAIL_SERVER = configuration.mail_server(CONFIG)
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = MAIL_SERVER.host, MAIL_SERVER.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL_SERVER.user, MAIL_SERVER.password
EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL_SERVER.is_tls, MAIL_SERVER.starts_tls
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = CONFIG.email_from

CELERY_BROKER_URL = (
    CONFIG.redis_url.get_secret_value() if CONFIG.redis_url else f"{broker.SCHEME}://"
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
# A queue of its own, so that machines with a GPU can take it alone (`logplatform worker`).
CELERY_TASK_ROUTES = {
    "logplatform.tasks.train": {"queue": "detect"},
    "logplatform.tasks.detect": {"queue": "detect"},
}
# A request that has stored its lines does not wait long for a broker that is away.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONCURRENCY = CONFIG.worker_processes
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME.root / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    # 5 s: with seal_after_s = 10 the oldest unsealed line is at most 15 s old.
    "sweep": {"task": "logplatform.tasks.sweep", "schedule": 5.0, "options": {"expires": 5}},
    # 5 s: a source is scored at most so long after it was sealed.
    "watch": {"task": "logplatform.tasks.watch", "schedule": 5.0, "options": {"expires": 5}},
    # 5 s: an alert is at most a minute, its grace and this late; the work itself is in jobs.
    "tell": {"task": "logplatform.tasks.tell", "schedule": 5.0, "options": {"expires": 5}},
}
# Job rows make a lost message harmless, so the timings only decide how soon it is replaced.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 3600,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
    }
    if CONFIG.redis_url
    else {
        "data_folder_in": str(HOME.broker),
        "data_folder_out": str(HOME.broker),
        "control_folder": str(HOME.broker / "control"),
        "polling_interval": 0.05,
    }
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "logplatform": {"level": "INFO"},
        # It warns that the embedded broker has no host name, which it needs not.
        "kombu.connection": {"level": "ERROR"},
        # Each refused request is in the answer; the log is for our own defects.
        "django.request": {"level": "ERROR"},
    },
}
