from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "gongheng.places.meetings"
    verbose_name = "音视频会议"
