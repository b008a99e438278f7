"""Every view declares its access in one line; what is not declared does not serve (页面访问声明)."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role


@dataclass(frozen=True)
class Access:
    """Who may call a view: the generated role × URL test reads this from the view function."""

    name: str
    roles: frozenset[Role]
    methods: tuple[str, ...]
    needs_signature: bool

    def admits(self, role: Role) -> bool:
        return Role.PUBLIC in self.roles or role in self.roles


def verify_act(request: HttpRequest):
    """Check the signed act of a POST; trust/signatures puts its verifier here when it is ready."""
    raise RuntimeError("trust.signatures is not installed: signed views cannot serve")


def page(
    name: str,
    *roles: Role,
    methods: tuple[str, ...] = ("GET",),
    signed: bool = False,
    is_api: bool = False,
) -> Callable:
    """Declare a view: its name, the roles it admits (``Role.PUBLIC`` = everybody), its methods.

    ``signed`` marks a legal act: its POST must carry the act signed with the actor's certificate
    (verified by trust/signatures before the view runs; ``request.actor`` then carries it).
    An actor without the role gets the same 404 as for a thing that does not exist; an anonymous
    visitor is led to sign-in. A Refusal that a view lets out becomes a message (or JSON for an API).
    """
    access = Access(name, frozenset(roles), methods, signed)

    def declare(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not access.admits(request.actor.role):
                if request.actor.role == Role.PUBLIC and request.method == "GET" and not is_api:
                    return redirect(f"/sign-in/?next={request.path}")
                raise Http404
            try:
                if signed and request.method == "POST":
                    request.actor = replace(request.actor, act=verify_act(request))
                return view(request, *args, **kwargs)
            except Refusal as refusal:
                if is_api:
                    return refusal_json(refusal)
                messages.error(request, f"{refusal.message}（规则 {refusal.rule}）")
                return redirect(refusal.remedy_at or request.META.get("HTTP_REFERER") or request.path)

        served = require_http_methods(methods + (("HEAD",) if "GET" in methods else ()))(guarded)
        served.access = access
        return served

    return declare


def refusal_json(refusal: Refusal, status: int = 422) -> JsonResponse:
    """Answer a program: rule, Chinese message and field of the refusal."""
    return JsonResponse(
        {"rule": refusal.rule, "message": refusal.message, "field": refusal.field}, status=status
    )
