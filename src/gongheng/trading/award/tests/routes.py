"""The addresses that the pages under test link to."""

from django.urls import include, path

urlpatterns = [
    path("sign-in/", include("gongheng.people.identity.urls")),
    path("award/", include("gongheng.trading.award.urls")),
    path("contracts/", include("gongheng.trading.contracts.urls")),
]
