"""/award/ : from the evaluation report to the award notice."""

from django.urls import path

from gongheng.trading.award import views

app_name = "award"
urlpatterns = [
    path("lots/<uuid:lot>/", views.stage, name="lot"),
    path("lots/<uuid:lot>/publicise/", views.publicise, name="publicise"),
    path("lots/<uuid:lot>/object/", views.object_to_result, name="object"),
    path("lots/<uuid:lot>/decide/", views.decide, name="decide"),
    path("lots/<uuid:lot>/notify/", views.send_notice, name="notify"),
    path("lots/<uuid:lot>/award-notice.pdf", views.award_notice, name="award_notice"),
    path("objections/<uuid:pk>/answer/", views.answer, name="answer"),
]
