"""/desk/ : the desk of evaluation experts."""

from django.urls import path

from gongheng.desks.expert import views

app_name = "expert"
urlpatterns = [path("evaluating/", views.home, name="home")]
