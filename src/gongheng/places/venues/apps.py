from django.apps import AppConfig


class VenuesConfig(AppConfig):
    name = "gongheng.places.venues"
    verbose_name = "交易中心与场地"
