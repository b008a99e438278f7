"""Every URL declares who may call it, and the declaration is what happens (页面访问表)."""

import inspect

import pytest
from django.http import Http404
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from config.navigation import NAVIGATION
from config.wiring import DESKS
from gongheng.kernel.roles import Actor, Role


def patterns(resolver=None, prefix=""):
    """Walk all URL patterns as (route, view)."""
    for one in (resolver or get_resolver()).url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one, route)
        elif isinstance(one, URLPattern):
            yield route, one.callback


def arguments_of(view) -> dict[str, str]:
    """Return something for each part of the address that the view takes."""
    names = list(inspect.signature(inspect.unwrap(view)).parameters)[1:]
    return {name: "x" for name in names if name not in ("kwargs", "args")}


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


@pytest.mark.parametrize(("route", "view"), DECLARED, ids=[route for route, _ in DECLARED])
def test_role_and_url_table(route, view):
    """A role that the declaration leaves out is turned away before the view runs: redirect or 404, never content."""
    arguments = arguments_of(view)
    for role in Role:
        if view.access.admits(role):
            continue
        for method in view.access.methods:
            request = RequestFactory().generic(method, "/x/")
            request.actor = Actor("somebody", role, None)
            request.resolver_match = None
            try:
                response = view(request, **arguments)
            except Http404:
                continue
            assert role is Role.PUBLIC, role
            assert method == "GET"
            assert response.status_code == 302
            assert response["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(("route", "view"), DECLARED, ids=[route for route, _ in DECLARED])
def test_other_methods_are_not_allowed(route, view):
    """One URL, at most one act: what is not declared is not even looked at."""
    assert set(view.access.methods) in ({"GET"}, {"POST"}, {"GET", "POST"}, {"PUT"})
    request = RequestFactory().generic("DELETE", "/x/")
    request.actor = Actor("somebody", Role.PUBLIC, None)
    # 403 where a trustee's signature is asked for before anything else.
    assert view(request, **arguments_of(view)).status_code in (405, 403)


@pytest.mark.parametrize("role", NAVIGATION)
def test_navigation_leads_only_where_the_role_may_go(role):
    for label, address, _ in NAVIGATION[role]:
        assert resolve(address).func.access.admits(role), label


@pytest.mark.parametrize("role", DESKS)
def test_every_desk_admits_its_role(role):
    assert resolve(reverse(DESKS[role])).func.access.admits(role)


def test_signed_pages_take_a_signature_with_their_post():
    signed = [view.access for _, view in DECLARED if view.access.needs_signature]
    assert signed
    assert [access.name for access in signed if "POST" not in access.methods] == []
