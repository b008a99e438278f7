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
    path("api/experts/", include("gongheng.people.experts.api")),
    # places
    path("venues/", include("gongheng.places.venues.urls")),
    path("access/", include("gongheng.places.access.urls")),
    path("api/gates/", include("gongheng.places.access.api")),
    path("api/seats/", include("gongheng.places.venues.api")),
    path("meetings/", include("gongheng.places.meetings.urls")),
    # trading
    path("projects/", include("gongheng.trading.projects.urls")),
    path("notices/", include("gongheng.trading.notices.urls")),
    path("bids/", include("gongheng.trading.bids.urls")),
    path("api/trustees/", include("gongheng.trading.bids.trustees")),
    path("coordination/", include("gongheng.trading.coordination.urls")),
    path("draws/", include("gongheng.trading.draws.urls")),
    path("opening/", include("gongheng.trading.opening.urls")),
    path("api/releases/", include("gongheng.trading.opening.trustees")),
    path("evaluation/", include("gongheng.trading.evaluation.urls")),
    path("sessions/", include("gongheng.trading.sessions.urls")),
    path("award/", include("gongheng.trading.award.urls")),
    path("contracts/", include("gongheng.trading.contracts.urls")),
    # followers
    path("archive/", include("gongheng.followers.archive.urls")),
    path("api/exchange/", include("gongheng.followers.exchange.api")),
    path("", include("gongheng.followers.exchange.urls")),
    path("screening/", include("gongheng.followers.analytics.urls")),
    # the demonstration's own pages; 404 elsewhere
    path("demonstration/", include("tools.demonstration.urls")),
    # desks
    path("desk/", include("gongheng.desks.tenderer.urls")),
    path("desk/", include("gongheng.desks.bidder.urls")),
    path("desk/", include("gongheng.desks.supervisor.urls")),
    path("desk/", include("gongheng.desks.expert.urls")),
    path("desk/", include("gongheng.desks.centre.urls")),
    path("live/<uuid:topic>/", live.follow),
    path("", include("gongheng.desks.portal.urls")),
]
