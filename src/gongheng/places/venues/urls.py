from django.urls import path

from gongheng.places.venues import views

app_name = "venues"
urlpatterns = [
    path("", views.centres, name="list"),
    path("mine/", views.mine, name="mine"),
    path("mine/rooms/", views.add_room, name="add_room"),
    path("<uuid:pk>/", views.centre, name="centre"),
    path("seats/<uuid:pk>/fault/", views.fault, name="fault"),
]
