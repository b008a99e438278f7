from django.urls import path

from gongheng.trading.coordination import views

app_name = "coordination"
urlpatterns = [
    path("", views.orders, name="list"),
    path("rule/", views.choice, name="choice"),
    path("statistics/", views.statistics, name="statistics"),
    path("reports/", views.reports, name="reports"),
    path("reports/make/", views.make_report, name="make_report"),
    path("reports/<uuid:pk>/", views.report, name="report"),
    path("lots/<uuid:pk>/order/", views.order, name="order"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/change/", views.change, name="change"),
    path("<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("<uuid:pk>/ask-cancellation/", views.ask_cancellation, name="ask_cancellation"),
    path("offers/<uuid:pk>/", views.offer, name="offer"),
    path("offers/<uuid:pk>/confirm/", views.confirm, name="confirm"),
    path("offers/<uuid:pk>/refuse/", views.refuse, name="refuse"),
]
