"""What the history of a lot says for each evidence verb of this app."""

SENTENCES = {
    "award.objection": "收到对评标结果的异议，答复前暂停招标投标活动",
    "award.answer": "答复对评标结果的异议",
    "award.determined": "中标人已确定，评标委员会名单自此公开",
    "award.notice": "签发中标通知书，文件摘要 {document}",
}
