from django.urls import path

from gongheng.trading.draws import views

app_name = "draws"
urlpatterns = [
    path("", views.draws, name="list"),
    path("lots/<uuid:pk>/order/", views.order, name="order"),
    path("invitations/", views.invitations, name="invitations"),
    path("invitations/<uuid:pk>/accept/", views.accept, name="accept"),
    path("invitations/<uuid:pk>/refuse/", views.refuse, name="refuse"),
    path("statistics/", views.figures, name="statistics"),
    path("picks/<uuid:pk>/replace/", views.replace, name="replace"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/record.json", views.record, name="record"),
    path("<uuid:pk>/approve/", views.approve, name="approve"),
    path("<uuid:pk>/abort/", views.abort, name="abort"),
    path("<uuid:pk>/void/", views.void, name="void"),
    path("<uuid:pk>/state/", views.state, name="state"),
    path("<uuid:pk>/commit/", views.commit, name="commit"),
    path("<uuid:pk>/points/", views.points, name="points"),
    path("<uuid:pk>/reveal/", views.reveal, name="reveal"),
]
