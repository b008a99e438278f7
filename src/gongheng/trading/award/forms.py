"""Forms of publicity, objections and the award; they clean input and know nothing else."""

from django import forms

from gongheng.trading.award.models import Award


class PublicityForm(forms.Form):
    publicity_ends_at = forms.DateTimeField(
        label="公示截止时间", help_text="已按法定最短公示期填好（最后一天为节假日的顺延），可以改为更晚。"
    )


class ObjectionForm(forms.Form):
    text = forms.CharField(
        label="异议内容", max_length=8000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text="写明异议事项、事实和依据。提交后招标投标活动暂停，直至招标人答复。",
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label="答复内容", max_length=8000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text="答复后暂停解除，公示期按暂停的时间顺延。",
    )


class DecisionForm(forms.Form):
    """Which candidate wins, and if not the first, on what ground of 条例55."""

    candidate = forms.ModelChoiceField(None, label="中标人", empty_label=None, widget=forms.RadioSelect)
    ground = forms.ChoiceField(label="确定依据", choices=Award.Ground.choices, initial=Award.Ground.FIRST)
    reason = forms.CharField(
        label="事由和依据", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="选择排名第一的候选人时不必填写；选择后序候选人的，写明事实和证据，并随中标结果公开。",
    )

    def __init__(self, *args, candidates, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["candidate"].queryset = candidates
        self.fields["candidate"].label_from_instance = lambda one: f"第 {one.rank} 名　{one.bid.bidder_name}"
        self.fields["candidate"].initial = candidates.first()
