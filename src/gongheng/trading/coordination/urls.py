from django.urls import path

from gongheng.trading.coordination import views

app_name = "coordination"
urlpatterns = [
    path("", views.orders, name="list"),
    path("statistics/", views.statistics, name="statistics"),
    path("lots/<uuid:pk>/order/", views.order, name="order"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("offers/<uuid:pk>/", views.offer, name="offer"),
    path("offers/<uuid:pk>/confirm/", views.confirm, name="confirm"),
    path("offers/<uuid:pk>/refuse/", views.refuse, name="refuse"),
]
