"""The addresses that the pages under test link to."""

from django.urls import include, path

urlpatterns = [
    path("sign-in/", include("gongheng.people.identity.urls")),
    path("venues/", include("gongheng.places.venues.urls")),
    path("coordination/", include("gongheng.trading.coordination.urls")),
    path("draws/", include("gongheng.trading.draws.urls")),
    path("desk/", include("gongheng.desks.centre.urls")),
]
