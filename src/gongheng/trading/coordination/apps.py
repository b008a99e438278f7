from django.apps import AppConfig


class CoordinationConfig(AppConfig):
    name = "gongheng.trading.coordination"
    verbose_name = "远程异地评标协调"
