from django.urls import path

from gongheng.followers.analytics.views import listing, live, outcomes, radar, tender, watching

app_name = "analytics"
urlpatterns = [
    path("", listing.tenders, name="list"),
    path("tenders/<uuid:pk>/", tender.tender, name="tender"),
    path("tenders/<uuid:pk>/study/", tender.study, name="study"),
    path("leads/<uuid:pk>/ticks/", tender.tick, name="tick"),
    path("leads/<uuid:pk>/dismiss/", tender.dismiss, name="dismiss"),
    path("leads/<uuid:pk>/shelve/", tender.shelve, name="shelve"),
    path("leads/<uuid:pk>/transfer/", tender.transfer, name="transfer"),
    path("leads/<uuid:pk>/accept/", tender.accept, name="accept"),
    path("leads/<uuid:pk>/feed-back/", tender.feed_back, name="feed_back"),
    path("leads/<uuid:pk>/reopen/", tender.reopen, name="reopen"),
    path("leads/<uuid:pk>/letter.pdf", tender.letter, name="letter"),
    path("live/", live.running, name="running"),
    path("live/<uuid:pk>/", live.evaluation, name="live"),
    path("radar/", radar.overview, name="radar"),
    path("radar/reports/", radar.make_report, name="make_report"),
    path("radar/reports/<uuid:pk>.pdf", radar.report, name="report"),
    path("outcomes/", outcomes.outcomes, name="outcomes"),
    path("watch/", watching.watch, name="watch"),
    path("watch/enter/", watching.enter, name="enter"),
    path("watch/seen/", watching.seen, name="seen"),
    path("watch/<uuid:pk>/remove/", watching.remove, name="remove"),
]
