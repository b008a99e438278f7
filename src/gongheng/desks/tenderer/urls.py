"""/desk/ : the desk of tenderers and agencies, and the editor of the tender document."""

from django.urls import path

from gongheng.desks.tenderer import views

app_name = "tenderer"
urlpatterns = [
    path("tendering/", views.home, name="home"),
    path("lots/<uuid:lot>/document/", views.document, name="document"),
]
