from django.urls import path

from gongheng.people.identity import views

app_name = "identity"
urlpatterns = [
    path("", views.sign_in_page, name="sign_in_page"),
    path("nonce/", views.nonce, name="nonce"),
    path("submit/", views.sign_in, name="sign_in"),
    path("role/", views.role, name="role"),
    path("me/", views.me, name="me"),
    path("me/<str:kid>/loss/", views.report_loss, name="report_loss"),
    path("out/", views.sign_out, name="sign_out"),
]
