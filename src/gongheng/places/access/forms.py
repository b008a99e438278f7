"""Forms of gates; they clean input and know nothing else."""

from django import forms


class GateForm(forms.Form):
    gate = forms.CharField(label="门禁名称", max_length=20, help_text="与门禁上报的名称一致，例如：1号门。")
