"""Every indicator that the engine knows (指标目录), found in the modules of the families themselves."""

import importlib
import pkgutil
from functools import cache

from gongheng import screening
from gongheng.screening.findings import Indicator


@cache
def indicators() -> dict[str, Indicator]:
    """Return all indicators by code; a family belongs to the catalogue by standing in this package."""
    found: dict[str, Indicator] = {}
    for module in sorted(one.name for one in pkgutil.iter_modules(screening.__path__)):
        if module in {"catalogue", "tests"}:
            continue
        for one in getattr(importlib.import_module(f"{screening.__name__}.{module}"), "INDICATORS", ()):
            if found.setdefault(one.code, one) is not one:
                raise ValueError(f"two indicators are called {one.code}")
    return dict(sorted(found.items()))
