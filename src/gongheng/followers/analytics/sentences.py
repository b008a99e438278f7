"""What the history says about screening; never of which tender, never of whom."""

SENTENCES = {
    "history.import": "导入其他系统的历史交易 {tenders} 个，数据摘要已存证",
    "screening.run": "围串标筛查运行一次，项目 {tenders} 个，模型 {model}，结果加盐摘要已存证",
    "screening.look": "监督部门查阅一份筛查结果",
    "night.plan": "安排夜间筛查",
    "night.call": "启动夜间筛查",
    "lead.study": "监督部门开始研判一条线索",
    "lead.check": "登记线索核查情况 {checked} 项",
    "lead.dismiss": "研判结论：排除",
    "lead.shelve": "研判结论：证据不足，存查",
    "lead.reopen": "重新研判",
    "lead.transfer": "线索移送，移送函摘要 {document}",
    "lead.accept": "登记移送线索的受理情况",
    "lead.feed_back": "登记移送线索的查处结果",
    "radar.yearbook": "出具 {year} 年围串标监测年报，文件摘要 {document}",
    "radar.report": "出具 {month} 围串标监测月报，文件摘要 {document}",
    "listing.enter": "列入重点关注名单",
    "listing.remove": "移出重点关注名单",
    "listing.lapse": "重点关注到期",
}
