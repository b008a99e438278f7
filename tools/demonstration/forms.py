"""The form of the demonstration clock."""

from datetime import UTC

from django import forms

from gongheng.kernel.clock import SHANGHAI


class ClockForm(forms.Form):
    moment = forms.DateTimeField(
        label="拨快到（北京时间）", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="演示时钟只能向前，不能向后。",
    )

    def clean_moment(self):
        moment = self.cleaned_data["moment"]
        # Django reads the field in the project's zone, which is Beijing's.
        aware = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
        return aware.astimezone(UTC)
