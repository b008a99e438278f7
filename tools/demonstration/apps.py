from django.apps import AppConfig


class DemonstrationConfig(AppConfig):
    name = "tools.demonstration"
    verbose_name = "演示"
