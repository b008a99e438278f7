from django.urls import path

from gongheng.followers.archive import views

app_name = "archive"
urlpatterns = [
    path("", views.volumes, name="list"),
    path("<uuid:pk>/", views.volume, name="volume"),
    path("<uuid:pk>/archive/", views.archive, name="archive"),
    path("<uuid:pk>/volume.zip", views.download, name="download"),
    path("<uuid:pk>/bundle.zip", views.bundle, name="bundle"),
]
