"""Forms of a draw; they clean input and know nothing else."""

from django import forms

from gongheng.people.experts.queries import specialties
from gongheng.trading.draws import rules
from gongheng.trading.draws.actions.ordering import Named, Quota
from gongheng.trading.draws.models import Draw

#: How many specialties one venue may ask for.
LINES = 3


class OrderForm(forms.Form):
    """For each venue up to three lines of specialty and seats; organisations to avoid, one per line."""

    def __init__(self, *args, offers, needs_reason: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.offers = list(offers)
        choices = [("", "不设"), *((one.code, f"{one.code} {one.name}") for one in specialties() if len(one.code) >= 3)]
        for place, offer in enumerate(self.offers):
            kind = "主场" if offer.is_main else "副场"
            for line in range(LINES):
                is_first = line == 0
                title = f"{kind} {offer.centre.short_name} 第 {line + 1} 个专业"
                self.fields[f"specialty_{place}_{line}"] = forms.ChoiceField(
                    label=title, choices=choices, required=is_first, initial="A0801" if is_first else ""
                )
                self.fields[f"seats_{place}_{line}"] = forms.IntegerField(
                    label=f"{title}的席位数", min_value=1, max_value=40, required=is_first,
                    initial=offer.seats_wanted if is_first else None,
                )
        self.fields["kind"] = forms.ChoiceField(
            label="抽取方式", choices=Draw.Kind.choices, initial=Draw.Kind.APPOINTMENT,
            help_text="距评标开始不足 2 小时只能办理紧急抽取，须写明原因并经监督部门说明理由同意。",
        )
        self.fields["avoid"] = forms.CharField(
            label="回避单位", required=False, widget=forms.Textarea(attrs={"rows": 3}),
            help_text="每行一个：统一社会信用代码 空格 原因代码（1利害关系 2近亲属 3主管监督 4经济利益 5受过处罚）。"
            "招标人、代理机构、监督部门及其关联企业自动回避；与投标人的关系在开标后签到时核对。",
        )
        self.fields["named"] = forms.CharField(
            label="回避专家", required=False, widget=forms.Textarea(attrs={"rows": 3}),
            help_text="每行一位：工作单位统一社会信用代码 姓名 原因代码 说明（1本项目工作人员 2参与过前期工作 "
            "3与招标方有利害关系 4有未了结的争议）。最多 10 位；姓名和说明加密保存，只供监督部门审查，"
            "系统不告知其是否在库。",
        )
        self.fields["reason"] = forms.CharField(
            label="再次抽取或紧急抽取的理由", max_length=300, required=needs_reason,
            help_text="首次预约抽取留空；再次抽取、紧急抽取须说明理由并由监督部门签名同意。",
        )

    def venues(self) -> list[tuple[str, list[tuple]]]:
        """Return each venue's title with its (specialty, seats) fields, line by line."""
        return [
            (
                f"{'主场' if offer.is_main else '副场'}：{offer.centre.short_name}，共 {offer.seats_wanted} 席",
                [(self[f"specialty_{place}_{line}"], self[f"seats_{place}_{line}"]) for line in range(LINES)],
            )
            for place, offer in enumerate(self.offers)
        ]

    def quotas(self) -> list[Quota]:
        """Return the filled-in lines."""
        data = self.cleaned_data
        return [
            Quota(offer, data[f"specialty_{place}_{line}"], data[f"seats_{place}_{line}"] or 0)
            for place, offer in enumerate(self.offers) for line in range(LINES) if data[f"specialty_{place}_{line}"]
        ]

    def avoid(self) -> list[tuple[str, str]]:
        """Return (USCC, reason code) of each line; what is wrong with them is for the rules to say."""
        lines = [line.split() for line in self.cleaned_data["avoid"].splitlines() if line.strip()]
        return [(words[0], words[1] if len(words) > 1 else "") for words in lines]

    def named(self) -> list[Named]:
        """Return the persons to keep out, line by line; what is wrong with them is for the rules to say."""
        lines = [line.split(None, 3) for line in self.cleaned_data["named"].splitlines() if line.strip()]
        return [Named(*words, *[""] * (4 - len(words))) for words in lines]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class ReplaceForm(forms.Form):
    cause = forms.ChoiceField(label="补抽原因", choices=list(rules.LOSSES.items()))
