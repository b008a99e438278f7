"""/access/ : who is where at a centre, and its alarms."""

from django.urls import path

from gongheng.places.access import views

app_name = "access"
urlpatterns = [
    path("", views.board, name="board"),
    path("gates/", views.gates, name="gates"),
    path("gates/<uuid:pk>/revoke/", views.revoke_gate, name="revoke-gate"),
    path("<uuid:pk>/leave/", views.leave, name="leave"),
]
