"""A scene that is built once for all tests of a module and that each of them finds untouched (搭台一次).

A conftest that offers ``theatre``, ``platform`` and ``authority`` from here instead of those of
``issuing`` builds its scenes in fixtures of module scope and hands out ``theatre.anew(scene)``.
"""

import copy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.db import transaction
from django.test import override_settings

from gongheng.kernel.clock import SettableClock
from gongheng.kernel.keyring import Keyring
from gongheng.trust.certificates.tests.issuing import TestAuthority, set_up, trusting


class Theatre:
    """A platform of the module's own: its settings, its folder, its authority."""

    def __init__(self, settings: LazySettings, folder: Path):
        self.settings, self.folder = set_up(settings, folder / "platform"), folder
        self.clock = settings.CLOCK

    @cached_property
    def authority(self) -> TestAuthority:
        """The one trusted issuer; a platform that brings its own never asks for it."""
        return trusting(self.settings)

    @contextmanager
    def performance(self, settings: LazySettings) -> Iterator[LazySettings]:
        """Give the settings of one test: database, files, keys and clock are as the scene left them."""
        kept = self.folder / "kept"
        if not kept.exists():
            shutil.copytree(settings.VAR, kept)
        settings.KEYRING = Keyring(settings.VAR / "keys")
        settings.CLOCK = SettableClock(self.clock.now())
        self.shared = {id(self.settings): settings, id(self.clock): settings.CLOCK}
        yield settings
        shutil.rmtree(settings.VAR)
        shutil.copytree(kept, settings.VAR)

    def anew(self, scene):
        """Return the scene for one test to change; clock, settings and authority are those of that test."""
        return copy.deepcopy(scene, self.shared | {id(self.authority): self.authority})


@pytest.fixture(scope="module")
def theatre(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[Theatre]:
    """Where the scenes of a module are built; whatever they write is gone after its last test."""
    with django_db_blocker.unblock(), override_settings(), transaction.atomic():
        yield Theatre(django_settings, tmp_path_factory.mktemp("theatre"))
        transaction.set_rollback(True)


@pytest.fixture
def platform(db, theatre, settings) -> Iterator[LazySettings]:
    """The settings of the theatre's platform, for this test to change."""
    with theatre.performance(settings):
        yield settings


@pytest.fixture
def authority(theatre) -> TestAuthority:
    """The one trusted issuer."""
    return theatre.authority
