"""/desk/centre/ : the desk of a trading centre; /desk/board/ : the dispatch board of the province."""

from django.urls import path

from gongheng.desks.centre import views

app_name = "centre"
urlpatterns = [
    path("centre/", views.home, name="home"),
    path("board/", views.board, name="board"),
    path("board/now/", views.board_now, name="board_now"),
]
