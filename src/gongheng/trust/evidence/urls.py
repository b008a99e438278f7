"""Addresses of the public log, mounted at /api/log/."""

from django.urls import path

from gongheng.trust.evidence import api

app_name = "evidence"
urlpatterns = [
    path("checkpoint", api.checkpoint, name="checkpoint"),
    path("checkpoint.sm3", api.checkpoint_sm3, name="checkpoint_sm3"),
    path("tile/<str:algorithm>/<int:level>/<int:number>", api.tile, name="tile"),
    path("entries/<int:number>", api.entries, name="entries"),
    path("policy", api.policy, name="policy"),
]
