"""/ : what everybody sees first, the page of a lot, and the way to one's own desk."""

from django.urls import path

from gongheng.desks.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("desk/", views.desk, name="desk"),
    path("lots/<uuid:pk>/", views.lot, name="lot"),
    path("documents/<uuid:pk>/", views.document, name="document"),
    path("verify/", views.verify, name="verify"),
]
