from django.urls import path

from gongheng.people.experts import views

app_name = "experts"
urlpatterns = [
    path("", views.pool, name="pool"),
    path("rows/", views.rows, name="rows"),
    path("<uuid:pk>/", views.look, name="look"),
]
