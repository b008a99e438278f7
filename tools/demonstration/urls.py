from django.urls import path

from tools.demonstration import views

app_name = "demonstration"
urlpatterns = [
    path("", views.overview, name="page"),
    path("phones/", views.phones, name="phones"),
    path("clock/", views.clock, name="clock"),
    path("cabinet/", views.search, name="cabinet"),
    path("cabinet/<uuid:pk>.gkey", views.certificate, name="certificate"),
    path("cabinet/of/<uuid:who>/", views.search, name="cabinet_of"),
    path("cabinet/of/<uuid:who>/<uuid:pk>.gkey", views.certificate),
    path("cabinet/role/<slug:role>/", views.search, name="cabinet_role"),
    path("cabinet/role/<slug:role>/<uuid:pk>.gkey", views.certificate),
]
