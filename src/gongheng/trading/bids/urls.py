"""/bids/ : the sealed phase."""

from django.urls import path

from gongheng.trading.bids import views

app_name = "bids"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("<uuid:lot>/", views.sealing, name="sealing"),
    path("<uuid:lot>/rules/", views.rules, name="rules"),
    path("<uuid:lot>/uploads", views.upload, name="upload"),
    path("<uuid:lot>/uploads/<uuid:upload>/missing", views.missing, name="missing"),
    path("<uuid:lot>/uploads/<uuid:upload>/<str:envelope>/<int:number>", views.part, name="part"),
    path("<uuid:lot>/seal", views.seal, name="seal"),
    path("<uuid:lot>/withdraw", views.withdraw, name="withdraw"),
    path("<uuid:lot>/receipt", views.receipt, name="receipt"),
]
