from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "gongheng.people.identity"
    verbose_name = "人员与身份"
