"""Forms of rooms and seats; they clean input and know nothing else."""

from django import forms


class DayForm(forms.Form):
    day = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}), required=False)


class FaultForm(forms.Form):
    fault = forms.CharField(label="故障说明", max_length=100, required=False, help_text="留空表示席位恢复可用。")


class RoomForm(forms.Form):
    name = forms.CharField(label="评标室名称", max_length=40)
    floor = forms.CharField(label="楼层", max_length=20)
    seats = forms.IntegerField(label="席位数", min_value=1, max_value=40)
