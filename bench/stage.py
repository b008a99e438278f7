"""A platform of its own for measurements: a fresh database and folder, and a tender built through actions."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


@contextmanager
def platform(database: str) -> Iterator:
    """Yield the world of the tests on a database that is dropped afterwards; its clock is settable."""
    from config.processes import postgres

    server = postgres.up()
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {database}")
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield _world(server.rpartition("/")[0] + f"/{database}", Path(folder))
    finally:
        from django.db import connections

        connections.close_all()
        connections["default"].close_pool()
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {database} WITH (FORCE)")


def _world(url: str, folder: Path):
    os.environ |= {
        "DATABASE_URL": url, "GONGHENG_VAR": str(folder), "GONGHENG_DEMO": "1", "GONGHENG_ORIGIN": "http://localhost:8000",
    }
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from gongheng.trading.bids.tests.world import make_world
    from gongheng.trust.certificates.tests.issuing import set_up, trusting

    world = make_world(trusting(set_up(settings, folder)), settings)
    world.site = WSGIHandler()
    return world
