from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "gongheng.followers.archive"
    verbose_name = "归档"
