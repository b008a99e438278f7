from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "gongheng.trading.evaluation"
    verbose_name = "评标"
