from django.urls import path

from gongheng.followers.exchange import views

app_name = "exchange"
urlpatterns = [
    path("exchange/", views.systems, name="systems"),
    path("exchange/register/", views.register, name="register"),
    path("exchange/<uuid:pk>/", views.system, name="system"),
    path("exchange/<uuid:pk>/revoke/", views.revoke, name="revoke"),
    path("interface/", views.interface, name="interface"),
]
