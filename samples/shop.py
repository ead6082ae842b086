"""A small web shop: the application whose real log becomes a sample.

Django on PostgreSQL and Redis, one file. It has the bugs that shops have (a report that builds
its SQL by hand, stock taken in two orders), so that its log has the errors that logs have.
"""

from __future__ import annotations

import logging
import os
import time

import django
import redis
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import IntegrityError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

SLOW_S = 0.25

settings.configure(
    SECRET_KEY="sample",
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": "127.0.0.1",
            "PORT": os.environ["SHOP_DATABASE_PORT"],
            "NAME": "shop",
            "USER": "shop",
            "PASSWORD": "shop",
            "CONN_MAX_AGE": 20,
            "OPTIONS": {"options": "-c statement_timeout=1500"},
        }
    },
    LOGGING={
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "%(asctime)s %(levelname)s [%(process)d] %(name)s: %(message)s"}
        },
        "handlers": {
            "file": {
                "class": "logging.FileHandler",
                "filename": os.environ["SHOP_LOG"],
                "formatter": "line",
            }
        },
        "root": {"handlers": ["file"], "level": "INFO"},
    },
)
django.setup()

orders = logging.getLogger("shop.orders")
accounts = logging.getLogger("shop.accounts")
catalog = logging.getLogger("shop.catalog")
carts = logging.getLogger("shop.carts")
cache = redis.Redis(port=int(os.environ["SHOP_REDIS_PORT"]), socket_timeout=1)


def product(request: HttpRequest, number: int) -> HttpResponse:
    """Show a product, from the cache when it is there."""
    key = f"product:{number}"
    if cached := cache.get(key):
        catalog.info("product %d from cache (%d bytes)", number, len(cached))
        return HttpResponse(cached)
    started = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, price, stock FROM product WHERE id = %s", [number])
        row = cursor.fetchone()
    if row is None:
        catalog.warning("product %d does not exist, asked for by %s", number, _client(request))
        return HttpResponse(status=404)
    elapsed_ms = 1000 * (time.monotonic() - started)
    catalog.info("product %d loaded from database in %.1f ms", number, elapsed_ms)
    page = f"<h1>{row[0]}</h1><p>{row[1]} EUR, {row[2]} left</p>" + "." * (number % 700)
    cache.set(key, page, ex=10)
    return HttpResponse(page)


def search(request: HttpRequest) -> HttpResponse:
    """Find products by a part of their name; no index helps."""
    words = request.GET.get("q", "")
    started = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM product WHERE description LIKE %s ORDER BY price LIMIT 20",
            [f"%{words}%"],
        )
        found = cursor.fetchall()
    elapsed = time.monotonic() - started
    level = logging.WARNING if elapsed > SLOW_S else logging.INFO
    catalog.log(level, "search %r: %d hits in %.3f s", words, len(found), elapsed)
    return JsonResponse({"hits": [row[0] for row in found]})


def cart(request: HttpRequest, session: str) -> HttpResponse:
    """Put a product into a cart, which lives in Redis alone."""
    number = request.POST.get("product", "0")
    cache.rpush(f"cart:{session}", number)
    size = cache.llen(f"cart:{session}")
    carts.info("session %s added product %s, cart size %d", session, number, size)
    return JsonResponse({"size": size})


def order(request: HttpRequest) -> HttpResponse:
    """Place an order; the same key twice is refused by the database."""
    key, user = request.POST["key"], request.POST["user"]
    first, second = int(request.POST["first"]), int(request.POST["second"])
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for number in (first, second):
                cursor.execute(
                    "UPDATE product SET stock = stock - 1 WHERE id = %s RETURNING price",
                    [number],
                )
            cursor.execute(
                "INSERT INTO purchase (key, customer, product) VALUES (%s, %s, %s)"
                " RETURNING id",
                [key, user, first],
            )
            number = cursor.fetchone()[0]
    except IntegrityError:
        orders.warning("order key %s of %s seen before, refused", key, user)
        return HttpResponse(status=409)
    except OperationalError as error:
        if "deadlock" not in str(error):
            raise
        orders.error("order key %s of %s lost a deadlock, try again", key, user)
        return HttpResponse(status=503)
    orders.info(
        "order %d placed by %s: products %d, %d (key %s)", number, user, first, second, key
    )
    return JsonResponse({"order": number})


def login(request: HttpRequest) -> HttpResponse:
    """Check a password; five wrong ones from one address lock the account for a while."""
    user, password = request.POST["user"], request.POST["password"]
    wrong = f"wrong:{_client(request)}:{user}"
    if password == f"pass-{user}":
        accounts.info("user %s signed in from %s", user, _client(request))
        cache.delete(wrong)
        return JsonResponse({"user": user})
    attempts = cache.incr(wrong)
    accounts.warning(
        "failed login for user %s from %s (attempt %d)", user, _client(request), attempts
    )
    if attempts == 5:
        accounts.error("account %s locked after 5 attempts from %s", user, _client(request))
    return HttpResponse(status=401 if attempts < 5 else 423)


def report(request: HttpRequest) -> HttpResponse:
    """Sum up a month; the query is slow, and the month goes into it unchecked."""
    month = request.GET.get("month", "")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT date_trunc('hour', placed) AS hour, count(*), sum(price)
FROM purchase JOIN product ON product.id = purchase.product
WHERE placed >= date '{month}-01'
  AND md5(description || purchase.id) LIKE '%a%'
GROUP BY 1
ORDER BY 1"""  # noqa: S608  (the bug that this shop is about)
        )
        rows = cursor.fetchall()
    orders.info("report for %s: %d rows", month, len(rows))
    return JsonResponse({"rows": len(rows)})


def _client(request: HttpRequest) -> str:
    return str(request.headers.get("X-Real-IP", request.META["REMOTE_ADDR"]))


urlpatterns = [
    path("products/<int:number>", product),
    path("search", search),
    path("carts/<str:session>", cart),
    path("orders", order),
    path("login", login),
    path("reports", report),
]
application = WSGIHandler()
