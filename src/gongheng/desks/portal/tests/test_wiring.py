"""What an app offers must be wired, or it would be missing from the pages in silence."""

from importlib import import_module
from pathlib import Path

import pytest
from django.urls import URLResolver
from django.utils.module_loading import import_string

import gongheng
from config import urls, wiring
from gongheng.desks.portal.gathering import STAGES, sentence
from gongheng.trading.projects.lifecycle import State
from gongheng.ui.live import follow

SOURCE = Path(gongheng.__file__).parent


def modules(name: str) -> list[str]:
    """Return the dotted names of all files with this name in the package."""
    return sorted(
        ".".join(("gongheng", *path.relative_to(SOURCE).with_suffix("").parts)) for path in SOURCE.rglob(f"{name}.py")
    )


def offering(function: str) -> list[str]:
    """Return the dotted names of a query function in all apps that have one."""
    packages = [one.removesuffix(".__init__") for one in modules("__init__") if one.endswith(".queries.__init__")]
    return [
        f"{module}.{function}" for module in modules("queries") + packages if hasattr(import_module(module), function)
    ]


def test_every_app_with_addresses_is_mounted():
    mounted = {one.urlconf_name.__name__ for one in urls.urlpatterns if isinstance(one, URLResolver)}
    assert set(modules("urls")) <= mounted
    assert any(getattr(one, "callback", None) is follow for one in urls.urlpatterns)


def test_every_card_is_shown_on_the_page_of_a_lot():
    assert set(offering("card")) == set(wiring.LOT_CARDS)
    assert len(set(wiring.LOT_CARDS)) == len(wiring.LOT_CARDS)


def test_every_todo_reaches_the_desks():
    assert set(offering("todos")) == set(wiring.TODOS)
    assert len(set(wiring.TODOS)) == len(wiring.TODOS)


def test_every_sentence_is_gathered():
    assert set(modules("sentences")) <= set(wiring.SENTENCES)
    assert wiring.sentences()


def test_every_wired_name_exists():
    for name in [*wiring.LOT_CARDS, *wiring.TODOS]:
        assert callable(import_string(name)), name


@pytest.mark.parametrize("state", State)
def test_every_state_stands_at_a_stage_or_has_ended(state):
    assert (state in STAGES) != (state in (State.FAILED, State.TERMINATED, State.CANCELLED))


def test_an_old_entry_without_a_fact_is_still_told():
    assert sentence("project.register", {}) == "项目登记，项目编号 —"
    assert sentence("unheard.of", {}) == "unheard.of"
