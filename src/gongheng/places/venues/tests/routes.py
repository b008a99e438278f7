"""The addresses of centres and seats alone, for their tests."""

from django.urls import include, path

urlpatterns = [
    path("venues/", include("gongheng.places.venues.urls")),
    path("api/seats/", include("gongheng.places.venues.api")),
]
