"""Every URL declares who may call it, and the declaration is what happens (页面访问表)."""

import pytest
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from gongheng.kernel.roles import Actor, Role


def patterns(resolver=None, prefix=""):
    """Walk all URL patterns as (route, view)."""
    for one in (resolver or get_resolver()).url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one, route)
        elif isinstance(one, URLPattern):
            yield route, one.callback


ALL = sorted(patterns(), key=lambda pair: pair[0])
DECLARED = [(route, view) for route, view in ALL if hasattr(view, "access")]


def test_every_url_declares_its_access():
    assert [route for route, view in ALL if not hasattr(view, "access")] == []


def test_names_of_access_are_unique_per_view():
    """One view may serve two addresses; two views never share the name that signatures and tests know."""
    by_name = {}
    for _, view in DECLARED:
        by_name.setdefault(view.access.name, set()).add(view.__module__ + "." + view.__name__)
    assert {name: views for name, views in by_name.items() if len(views) > 1} == {}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CLOCK])
@pytest.mark.parametrize(("route", "view"), DECLARED, ids=[route for route, _ in DECLARED])
def test_role_and_url_table(route, view, role):
    """A role that the declaration leaves out is turned away before the view runs: redirect or 404, never content."""
    from django.http import Http404

    if view.access.admits(role):
        return
    method = view.access.methods[0]
    request = RequestFactory().generic(method, "/x/")
    request.actor = Actor("somebody", role, None)
    request.resolver_match = None
    try:
        response = view(request, **dict.fromkeys(_arguments(view), "x"))
    except Http404:
        return
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


def _arguments(view) -> list[str]:
    import inspect

    names = list(inspect.signature(inspect.unwrap(view)).parameters)
    return [name for name in names[1:] if name not in ("kwargs", "args")]
