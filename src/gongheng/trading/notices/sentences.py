"""What the history of a lot says for each evidence verb of this app."""

SENTENCES = {
    "tender_document.save": "保存招标文件草稿",
    "tender_document.attach": "上传招标文件附件",
    "notice.publish": "发布公告公示，公文摘要已存证",
    "question.ask": "收到对招标文件的提问或异议（不记录提出人）",
    "question.answer": "公开答复提问或异议",
}
