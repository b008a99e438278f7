from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "gongheng.people.parties"
    verbose_name = "交易主体"

    def ready(self) -> None:
        from gongheng.people.identity.capacities import SOURCES
        from gongheng.people.parties.queries import capacities

        SOURCES.append(capacities)
