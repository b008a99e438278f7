"""The portal gives the live pages the rule that says who may follow a lot."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "gongheng.desks.portal"

    def ready(self) -> None:
        from gongheng.trading.projects.queries import visible_to
        from gongheng.ui import live

        live.may_follow = lambda actor, topic: visible_to(actor).filter(pk=topic).exists()
