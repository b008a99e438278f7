from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "gongheng.trading.sessions"
    label = "trading_sessions"  # Django's own sessions app has the short label
    verbose_name = "评标场次"
