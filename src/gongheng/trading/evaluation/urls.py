"""/evaluation/ : the committee's rooms, the board, the supervisor's monitor; the venues' console is in sessions."""

from django.urls import path

from gongheng.trading.evaluation.views import entering, reporting, reviewing, scoring, sitting, watching

app_name = "evaluation"
urlpatterns = [
    path("<uuid:pk>/", entering.room, name="room"),
    path("<uuid:pk>/pulse/", entering.pulse, name="pulse"),
    path("<uuid:pk>/turns/", entering.turns, name="turns"),
    path("<uuid:pk>/wait/", entering.wait, name="wait"),
    path("<uuid:pk>/board/", watching.board, name="board"),
    path("<uuid:pk>/monitor/", watching.monitor, name="monitor"),
    path("<uuid:pk>/check-in/", sitting.check_in, name="check-in"),
    path("<uuid:pk>/device/", sitting.device, name="device"),
    path("<uuid:pk>/device/back/", sitting.device_back, name="device-back"),
    path("<uuid:pk>/avoid/", sitting.avoid, name="avoid"),
    path("<uuid:pk>/promise/", sitting.promise, name="promise"),
    path("<uuid:pk>/leader/", sitting.leader, name="leader"),
    path("<uuid:pk>/preliminary/", reviewing.preliminary, name="preliminary"),
    path("<uuid:pk>/preliminary/lock/", reviewing.lock, name="preliminary-lock"),
    path("<uuid:pk>/preliminary/<uuid:bid>/", reviewing.marks, name="marks"),
    path("<uuid:pk>/preliminary/<uuid:bid>/<int:number>/<int:sheet>/", reviewing.paper, name="paper"),
    path("<uuid:pk>/competition/", reviewing.competition, name="competition"),
    path("<uuid:pk>/technical/", scoring.technical, name="technical"),
    path("<uuid:pk>/technical/lock/", scoring.lock, name="technical-lock"),
    path("<uuid:pk>/technical/<str:label>/", scoring.scores, name="scores"),
    path("<uuid:pk>/technical/<str:label>/<int:number>/<int:sheet>/", scoring.blind, name="blind"),
    path("<uuid:pk>/result/", reporting.result, name="result"),
    path("<uuid:pk>/result/<uuid:bid>/explain/", reporting.explain, name="explain"),
    path("<uuid:pk>/report/", reporting.report, name="report"),
    path("<uuid:pk>/report/file/", reporting.report_file, name="report-file"),
    path("<uuid:pk>/sign/", reporting.sign, name="sign"),
    path("<uuid:pk>/outcome/", reporting.outcome, name="outcome"),
]
