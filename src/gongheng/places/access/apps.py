from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "gongheng.places.access"
    verbose_name = "门禁与核验"
