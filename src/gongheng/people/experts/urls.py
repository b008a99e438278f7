from django.urls import path

from gongheng.people.experts import views

app_name = "experts"
urlpatterns = [
    path("", views.pool, name="pool"),
    path("specialties/", views.specialties, name="specialties"),
    path("catalogue/", views.catalogue, name="catalogue"),
    path("rows/", views.rows, name="rows"),
    path("pools/", views.pools, name="pools"),
    path("pools/upload/", views.upload, name="upload"),
    path("batches/<uuid:pk>/", views.batch, name="batch"),
    path("leave/", views.leave, name="leave"),
    path("leave/<uuid:pk>/withdraw/", views.withdraw_leave, name="withdraw_leave"),
    path("ties/", views.add_tie, name="add_tie"),
    path("<uuid:pk>/", views.look, name="look"),
    path("<uuid:pk>/admit/", views.admit, name="admit"),
    path("<uuid:pk>/decline/", views.decline, name="decline"),
    path("<uuid:pk>/suspend/", views.suspend, name="suspend"),
    path("<uuid:pk>/resume/", views.resume, name="resume"),
    path("<uuid:pk>/remove/", views.remove, name="remove"),
    path("<uuid:pk>/retire/", views.retire, name="retire"),
]
