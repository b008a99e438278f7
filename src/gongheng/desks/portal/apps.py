"""The portal gives the live pages the rule that says who may follow a lot."""

from django.apps import AppConfig

#: What the dispatch board redraws itself for, by the first word of the verb; never what concerns bids.
BOARD_SUBJECTS = frozenset({"venue_order", "offer", "evaluation", "session", "incident", "hold", "lot", "venues"})


class PortalConfig(AppConfig):
    name = "gongheng.desks.portal"

    def ready(self) -> None:
        from gongheng.places.meetings import queries as meetings
        from gongheng.trading.coordination import queries as coordination
        from gongheng.trading.projects.queries import visible_to
        from gongheng.ui import live

        live.may_follow = lambda actor, topic: (
            coordination.is_hub(actor) if topic == live.EVERYWHERE
            else visible_to(actor).filter(pk=topic).exists() or meetings.may_follow(actor, topic)
        )
        live.concerns_everybody = lambda verb: verb.partition(".")[0] in BOARD_SUBJECTS
