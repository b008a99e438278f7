"""/desk/supervision/ : the desk of the supervising department."""

from django.urls import path

from gongheng.desks.supervisor import views

app_name = "supervisor"
urlpatterns = [
    path("supervision/", views.home, name="home"),
    path("supervision/filing/", views.filing, name="filing"),
]
