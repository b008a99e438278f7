"""/notices/ : what is public about a tender, and how its host publishes it."""

from django.urls import path

from gongheng.trading.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.notices, name="list"),
    path("export.xlsx", views.export, name="export"),
    path("<uuid:pk>/", views.notice, name="notice"),
    path("lots/<uuid:lot>/", views.lot_documents, name="lot"),
    path("lots/<uuid:lot>/publish/", views.publish, name="publish"),
    path("lots/<uuid:lot>/clarify/", views.clarify, name="clarify"),
    path("lots/<uuid:lot>/terminate/", views.terminate, name="terminate"),
    path("lots/<uuid:lot>/attach/", views.attach, name="attach"),
    path("lots/<uuid:lot>/document/<int:version>.json", views.document_data, name="data"),
    path("lots/<uuid:lot>/questions/", views.questions, name="questions"),
    path("lots/<uuid:lot>/questions/ask/", views.ask, name="ask"),
    path("attachments/<uuid:pk>/", views.attachment, name="attachment"),
    path("questions/<uuid:pk>/answer/", views.answer, name="answer"),
]
