"""The indicators about judges (评审行为): questions to ask, backed by history, never a verdict from one tender."""

from gongheng.screening.findings import Family, Indicator

FAIR = "招标投标法第四十四条：评标委员会成员应当客观、公正地履行职务（线索，非认定依据）"
DRAWN = "招标投标法第三十七条：专家以随机抽取方式确定（线索，非认定依据）"

TENDENCY = Indicator(
    "E1", Family.EVALUATION, "打分倾向性",
    "在以往项目中，去掉投标人优劣和评委宽严后，该评委给这家企业的分数持续偏高：残差除以评委自己的稳健标准差，"
    "按（评委，企业）汇总，全部配对一并控制错误发现率在10%以内。",
    FAIR,
    (
        "该评委的专业恰是这家企业所长", "企业几次投标的团队和方案确实突出",
        "同时检验的配对很多，十条线索中可能有一条是偶然",
    ),
    "调阅相遇各场的评审意见和打分理由；查评委与企业的任职、社保、亲属、通讯关系。", 6,
)
DECISIVE = Indicator(
    "E2", Family.EVALUATION, "一人定局",
    "去掉一名评委，或把他的分数换成全体中位数后，第一名就会换人，而他给第一名的残差超过其自身标准差的1.5倍。",
    FAIR, ("前两名本来接近", "该评委是唯一的本专业专家"), "请该评委逐项说明对前两名打分的依据。", 3,
)
SUPPRESSION = Indicator(
    "E3", Family.EVALUATION, "抬高一家压低对手",
    "同一评委对第一名的残差为正、对第二名的残差为负，两者都超过其自身标准差的2倍。",
    FAIR, ("两份方案在该评委的专业内优劣分明",), "请该评委对两家的打分分别说明理由，与其他评委意见对照。", 3,
)
CONCERT = Indicator(
    "E4", Family.EVALUATION, "两名评委同步",
    "在以往项目中，两名评委的残差相关超出同组随机两人应有的水平，全部评委对一并控制错误发现率在10%以内。",
    FAIR, ("同一专业、同一单位的评判习惯", "常在同一类项目共事"),
    "查两人的单位、通讯与到场记录；比对共同评审项目的评审意见。", 40,
)
ENCOUNTERS = Indicator(
    "E5", Family.EVALUATION, "抽取相遇过多",
    "在同一抽取范围（专业、地区）内，该评委与这家企业相遇的次数超过随机抽取应有的次数（超几何检验，错误发现率10%以内）。",
    DRAWN, ("该专业在库专家很少", "企业和专家都集中在少数标段类型", "抽取范围划分过宽"),
    "核验历次抽取记录和随机种子；查补抽、回避和请假原因。", 4,
)
QUESTION = Indicator(
    "E6", Family.EVALUATION, "评分偏差（请说明理由）",
    "本场某项评分与其他评委对同一家的评分相差超过该评委平常波动的2.5倍。只用于请评委说明理由，不计入指数。",
    FAIR, ("该评委发现了他人未注意的内容", "该评委是该项的专业人员", "录入笔误"), "由评委在系统内填写偏差理由。", 3,
)
INDICATORS = (TENDENCY, DECISIVE, SUPPRESSION, CONCERT, ENCOUNTERS, QUESTION)
