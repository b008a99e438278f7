"""/contracts/ : contract and report to the supervisor."""

from django.urls import path

from gongheng.trading.contracts import views

app_name = "contracts"
urlpatterns = [
    path("", views.contracts, name="list"),
    path("lots/<uuid:lot>/", views.stage, name="lot"),
    path("lots/<uuid:lot>/draft/", views.draft, name="draft"),
    path("lots/<uuid:lot>/report/", views.report, name="report"),
    path("lots/<uuid:lot>/report.pdf", views.report_document, name="report_document"),
    path("<uuid:pk>/sign/", views.sign, name="sign"),
    path("<uuid:pk>/contract.pdf", views.document, name="document"),
]
