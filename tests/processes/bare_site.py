"""A Django site of three addresses, enough to try the web server without the platform."""

import hashlib

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

SECRET_KEY = "only for this test"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.processes.bare_site"
USE_TZ = True
DATABASES: dict = {}
INSTALLED_APPS: list = []
MIDDLEWARE: list = []


def echo(request, name):
    lines = [name, request.META.get("HTTP_X_ROLE", ""), request.META["CONTENT_LENGTH"], request.COOKIES.get("b", "")]
    return HttpResponse("|".join(lines), headers={"X-Seen": "yes"})


@csrf_exempt
def measure(request):
    return HttpResponse(hashlib.sha256(request.read()).hexdigest(), status=201)


async def ticks():
    for number in range(3):
        yield f"data: {number}\n\n"


def live(request):
    return StreamingHttpResponse(ticks(), content_type="text/event-stream")


urlpatterns = [path("echo/<str:name>/", echo), path("measure/", measure), path("live/ticks/", live)]
