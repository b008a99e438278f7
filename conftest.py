"""Gives each run a PostgreSQL and a state folder of its own before Django reads its settings.

pytest-django would read the settings before this file if pyproject named them; so this file does.
"""

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import django
import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from config.processes import places, postgres
from gongheng.kernel.clock import SettableClock

# A busy machine is no counterexample.
hypothesis.settings.register_profile(
    "gongheng", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], database=None
)
hypothesis.settings.load_profile("gongheng")

#: The niceness of all tests that start no deployment.
STANDING_BACK = 5
_own: Path | None = None

if "GONGHENG_VAR" not in os.environ:
    # Two runs at once must share neither keys nor files nor database; workers inherit the variable.
    _own = Path(tempfile.mkdtemp(prefix="gongheng-tests-"))
    _own.chmod(0o755)  # PostgreSQL runs as another user and must walk through
    os.environ["GONGHENG_VAR"] = str(_own)
os.environ.setdefault("GONGHENG_DEMO", "1")
if "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = postgres.up()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()


@pytest.fixture
def clock() -> SettableClock:
    """A Monday morning in the middle of a quarter without holidays."""
    return SettableClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker) -> None:
    """Give this worker a copy of a database that the first of them migrated: copying takes a fraction of the time."""
    template, own = "test_template", f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with django_db_blocker.unblock(), places.locked("tests-database"):
        address = os.environ["DATABASE_URL"]
        with psycopg.connect(address, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {own}")
            is_first = not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone()
            if is_first:
                server.execute(f"CREATE DATABASE {template}")
                _use(template)
                call_command("migrate", verbosity=0)
                connection.close()
                connection.close_pool()
            server.execute(f"CREATE DATABASE {own} TEMPLATE {template}")
        _use(own)


def _use(database: str) -> None:
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = database


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares something costly: one deployment, or the theatre of one module."""
    for item in items:
        if item.get_closest_marker("instance"):
            item.add_marker(pytest.mark.xdist_group("instance"))
        elif "theatre" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let all other tests stand back: on two cores a deployment would spend its time waiting for them."""
    # The deployment's worker begins with it (xdist takes the largest group first), so nothing has to come back up.
    if "PYTEST_XDIST_WORKER" in os.environ and not item.get_closest_marker("instance"):
        os.setpriority(os.PRIO_PROCESS, 0, STANDING_BACK)


def pytest_unconfigure() -> None:
    """Leave nothing of one's own running or lying about."""
    if _own:
        os.environ.pop("DATABASE_URL", None)
        postgres.destroy()
        shutil.rmtree(_own)
