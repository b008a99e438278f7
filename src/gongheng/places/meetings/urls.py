"""/meetings/ : the rooms, what is done in them, and their recordings."""

from django.urls import path

from gongheng.places.meetings.views import recordings, room

app_name = "meetings"
urlpatterns = [
    path("", room.meetings, name="list"),
    path("<uuid:pk>/", room.room, name="room"),
    path("<uuid:pk>/ticket/", room.ticket, name="ticket"),
    path("<uuid:pk>/join/", room.join, name="join"),
    path("<uuid:pk>/leave/", room.leave, name="leave"),
    path("<uuid:pk>/state/", room.state, name="state"),
    path("<uuid:pk>/pulse/", room.pulse, name="pulse"),
    path("<uuid:pk>/signal/", room.signal, name="signal"),
    path("<uuid:pk>/hand/", room.hand, name="hand"),
    path("<uuid:pk>/say/", room.say, name="say"),
    path("<uuid:pk>/show/", room.show, name="show"),
    path("<uuid:pk>/mute/", room.mute, name="mute"),
    path("<uuid:pk>/let-in/", room.let_in, name="let-in"),
    path("<uuid:pk>/call/", room.call, name="call"),
    path("<uuid:pk>/release-device/", room.release_device, name="release-device"),
    path("<uuid:pk>/break/", room.report_break, name="break"),
    path("<uuid:pk>/documents/<uuid:document>/<int:number>/", room.document_page, name="page"),
    path("<uuid:pk>/tracks/", recordings.begin_track, name="begin-track"),
    path("tracks/<uuid:track>/<int:number>/", recordings.segment, name="segment"),
    path("tracks/<uuid:track>/end/", recordings.end_track, name="end-track"),
    path("<uuid:pk>/recordings/", recordings.recordings, name="recordings"),
    path("<uuid:pk>/recordings/export/", recordings.export, name="export"),
    path("play/<uuid:track>/<int:number>/", recordings.play, name="play"),
]
