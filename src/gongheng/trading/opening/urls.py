"""/opening/ : the hall of a lot."""

from django.urls import path

from gongheng.trading.opening import views

app_name = "opening"
urlpatterns = [
    path("<uuid:lot>/", views.hall, name="hall"),
    path("<uuid:lot>/board/", views.board, name="board"),
    path("<uuid:lot>/panel/", views.panel, name="panel"),
    path("<uuid:lot>/start/", views.start, name="start"),
    path("<uuid:lot>/sign-in/", views.sign_in, name="sign-in"),
    path("<uuid:lot>/header/", views.header, name="header"),
    path("<uuid:lot>/open-own/", views.open_own, name="open-own"),
    path("<uuid:lot>/fallback/", views.request_fallback, name="fallback"),
    path("bids/<uuid:bid>/fault/", views.platform_fault, name="fault"),
    path("<uuid:lot>/end-decryption/", views.end_decryption, name="end-decryption"),
    path("<uuid:lot>/object/", views.object_now, name="object"),
    path("objections/<uuid:objection>/answer/", views.answer, name="answer"),
    path("<uuid:lot>/record/", views.record, name="record"),
    path("<uuid:lot>/sign/", views.sign_record, name="sign"),
    path("<uuid:lot>/finish/", views.finish, name="finish"),
]
