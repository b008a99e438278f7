from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "gongheng.followers.analytics"
    verbose_name = "围串标筛查"
