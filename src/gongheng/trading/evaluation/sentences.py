"""What the history of a lot says for each evidence verb of the evaluation; never who, never a score."""

SENTENCES = {
    "evaluation.open": "主场启动评标，各会场开始签到",
    "evaluation.check_in": "一名评委在席位签到",
    "evaluation.avoid": "一名专家申请回避",
    "evaluation.promise": "一名评委签署回避承诺",
    "evaluation.begin": "评标委员会到齐（{members}人），开始评标",
    "evaluation.vote_leader": "一名评委推选组长（第{round}轮）",
    "evaluation.elect": "推选出评标委员会组长",
    "evaluation.lock_preliminary": "一名评委提交初步评审意见",
    "evaluation.conclude_preliminary": "初步评审结束，进入技术评分",
    "evaluation.doubt_competition": "有效投标不足三个，评标委员会判断是否具有竞争性",
    "evaluation.vote_competition": "一名评委作出竞争性判断",
    "evaluation.continue": "评标委员会认为仍具有竞争性，继续评标",
    "evaluation.reject_all": "否决全部投标：{reason}",
    "sheet.lock": "一名评委提交技术评分（评分表摘要已存证）",
    "evaluation.lock_technical": "全部评委提交技术评分",
    "technical.scores.locked": "技术评分锁定，暗标对应关系揭示",
    "evaluation.explain_deviation": "一名评委说明评分偏差",
    "evaluation.report": "形成评标报告",
    "report.sign": "一名评委签署评标报告",
    "evaluation.finish": "评标报告签署完毕，评标结束",
}
