"""/desk/centre/ : the desk of a trading centre."""

from django.urls import path

from gongheng.desks.centre import views

app_name = "centre"
urlpatterns = [path("centre/", views.home, name="home")]
