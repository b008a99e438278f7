"""/projects/ : registration and filing."""

from django.urls import path

from gongheng.trading.projects import views

app_name = "projects"
urlpatterns = [
    path("", views.projects, name="list"),
    path("new/", views.register, name="register"),
    path("<uuid:pk>/", views.project, name="project"),
    path("<uuid:pk>/tender/", views.register_tender, name="register_tender"),
    path("tender/<uuid:pk>/lot/", views.add_lot, name="add_lot"),
    path("lots/<uuid:pk>/", views.lot, name="lot"),
    path("lots/<uuid:pk>/revise/", views.revise, name="revise"),
    path("lots/<uuid:pk>/submit/", views.submit, name="submit"),
    path("lots/<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("lots/<uuid:pk>/file/", views.file, name="file"),
    path("lots/<uuid:pk>/return/", views.send_back, name="return"),
    path("lots/<uuid:pk>/hold/", views.hold, name="hold"),
    path("holds/<uuid:pk>/release/", views.release, name="release"),
]
