"""/sessions/ : each venue's console, arrivals, incidents, files and fees of a session."""

from django.urls import path

from gongheng.trading.sessions.views import after, console, incidents, reception

app_name = "sessions"
urlpatterns = [
    path("", console.sessions, name="list"),
    path("lots/<uuid:lot>/", console.console, name="console"),
    path("lots/<uuid:lot>/start/", console.start, name="start"),
    path("lots/<uuid:lot>/report/", incidents.report, name="report"),
    path("fees/", after.my_fees, name="my-fees"),
    path("fees/statement/", after.my_statement, name="my-statement"),
    path("incidents/<uuid:pk>/", incidents.incident, name="incident"),
    path("incidents/<uuid:pk>/degrade/", incidents.degrade, name="degrade"),
    path("incidents/<uuid:pk>/clear/", incidents.clear, name="clear"),
    path("incidents/<uuid:pk>/pause/", incidents.pause, name="pause"),
    path("incidents/<uuid:pk>/resume/", incidents.resume, name="resume"),
    path("incidents/<uuid:pk>/postpone/", incidents.postpone, name="postpone"),
    path("incidents/<uuid:pk>/abort/", incidents.abort, name="abort"),
    path("<uuid:pk>/papers/<uuid:document>/", incidents.paper, name="paper"),
    path("<uuid:pk>/live/", console.live, name="live"),
    path("<uuid:pk>/begin/", console.begin, name="begin"),
    path("<uuid:pk>/end/", console.end, name="end"),
    path("<uuid:pk>/members/<uuid:member>/replace/", incidents.replace, name="replace"),
    path("<uuid:pk>/reception/", reception.reception, name="reception"),
    path("<uuid:pk>/reception/<int:arrival>/decide/", reception.decide, name="decide"),
    path("<uuid:pk>/reception/<int:arrival>/move/", reception.move, name="move"),
    path("<uuid:pk>/reception/<int:arrival>/phone/", reception.phone, name="phone"),
    path("<uuid:pk>/files/", after.files, name="files"),
    path("<uuid:pk>/files/<uuid:thing>/hand/", after.hand, name="hand"),
    path("<uuid:pk>/files/<uuid:thing>/receive/", after.receive, name="receive"),
    path("<uuid:pk>/files/<uuid:thing>/return/", after.send_back, name="return"),
    path("<uuid:pk>/fees/", after.fees, name="fees"),
    path("<uuid:pk>/fees/<uuid:fee>/attest/", after.attest, name="attest"),
    path("<uuid:pk>/fees/<uuid:fee>/confirm/", after.confirm, name="confirm"),
    path("<uuid:pk>/fees/pay/", after.pay, name="pay"),
]
