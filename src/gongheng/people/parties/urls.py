from django.urls import path

from gongheng.people.parties import views

app_name = "parties"
urlpatterns = [
    path("", views.organisations, name="list"),
    path("register/", views.register, name="register"),
    path("mine/", views.mine, name="mine"),
    path("<uuid:pk>/", views.organisation, name="organisation"),
    path("<uuid:pk>/accept/", views.accept, name="accept"),
    path("<uuid:pk>/return/", views.send_back, name="return"),
    path("<uuid:pk>/suspend/", views.suspend, name="suspend"),
    path("<uuid:pk>/resume/", views.resume, name="resume"),
    path("<uuid:pk>/resubmit/", views.resubmit, name="resubmit"),
    path("<uuid:pk>/members/", views.add_member, name="add_member"),
    path("<uuid:pk>/members/<uuid:member>/end/", views.end_membership, name="end_membership"),
    path("<uuid:pk>/controls/", views.declare_control, name="declare_control"),
    path("<uuid:pk>/controls/<uuid:control>/end/", views.end_control, name="end_control"),
]
