"""/desk/ : the desk of bidders."""

from django.urls import path

from gongheng.desks.bidder import views

app_name = "bidder"
urlpatterns = [path("bidding/", views.home, name="home")]
