from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "gongheng.followers.exchange"
    verbose_name = "数据接口"
