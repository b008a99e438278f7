from django.urls import path

from gongheng.places.venues.views import catalogue, centre, seats

app_name = "venues"
urlpatterns = [
    path("", catalogue.centres, name="list"),
    path("mine/", centre.mine, name="mine"),
    path("mine/rooms/", centre.add_room, name="add_room"),
    path("mine/hours/", centre.hours, name="hours"),
    path("mine/closed/", centre.close_day, name="close_day"),
    path("mine/closed/<uuid:pk>/reopen/", centre.reopen_day, name="reopen_day"),
    path("mine/fees/", centre.fees, name="fees"),
    path("mine/day/", centre.day_plan, name="day"),
    path("<uuid:pk>/", catalogue.centre, name="centre"),
    path("rooms/<uuid:pk>/", centre.room, name="room"),
    path("seats/<uuid:pk>/", seats.seat, name="seat"),
    path("seats/<uuid:pk>/fault/", seats.fault, name="fault"),
    path("seats/<uuid:pk>/neighbours/", seats.neighbours, name="neighbours"),
    path("seats/<uuid:pk>/agent/", seats.invite, name="invite"),
    path("seats/<uuid:pk>/agent/revoke/", seats.revoke, name="revoke"),
]
