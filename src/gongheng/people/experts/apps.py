from django.apps import AppConfig


class ExpertsConfig(AppConfig):
    name = "gongheng.people.experts"
    verbose_name = "评标专家库"

    def ready(self) -> None:
        from gongheng.people.experts.queries import capacities
        from gongheng.people.identity.capacities import SOURCES

        SOURCES.append(capacities)
