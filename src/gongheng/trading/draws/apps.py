from django.apps import AppConfig


class DrawsConfig(AppConfig):
    name = "gongheng.trading.draws"
    verbose_name = "专家抽取"
