from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "gongheng.trust.certificates"
    verbose_name = "数字证书"
