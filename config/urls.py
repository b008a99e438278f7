"""Every address of the platform, app by app in floor order (网址总表)."""

from django.urls import include, path

from gongheng.ui import live

urlpatterns = [
    # trust
    path("api/log/", include("gongheng.trust.evidence.urls")),
    # people
    path("sign-in/", include("gongheng.people.identity.urls")),
    path("parties/", include("gongheng.people.parties.urls")),
    path("experts/", include("gongheng.people.experts.urls")),
    # places
    path("venues/", include("gongheng.places.venues.urls")),
    # trading
    path("projects/", include("gongheng.trading.projects.urls")),
    path("notices/", include("gongheng.trading.notices.urls")),
    path("bids/", include("gongheng.trading.bids.urls")),
    path("api/trustees/", include("gongheng.trading.bids.trustees")),
    # the demonstration's own pages; 404 elsewhere
    path("demonstration/", include("tools.demonstration.urls")),
    # desks
    path("desk/", include("gongheng.desks.tenderer.urls")),
    path("desk/", include("gongheng.desks.supervisor.urls")),
    path("live/<uuid:topic>/", live.follow),
    path("", include("gongheng.desks.portal.urls")),
]
