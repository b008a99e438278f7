from django.apps import AppConfig


class SignaturesConfig(AppConfig):
    name = "gongheng.trust.signatures"
    verbose_name = "签名"

    def ready(self) -> None:
        from gongheng.trust.signatures.acts import verify_act
        from gongheng.ui import pages

        pages.verify_act = verify_act
