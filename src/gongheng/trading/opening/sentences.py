"""What the history says for each act of an opening (历史用语)."""

SENTENCES = {
    "opening.start": "开标大厅启用，公布 {bids} 份封存投标文件的摘要，声明掩护件 {covers} 份",
    "opening.sign_in": "投标人在开标大厅签到",
    "bid.open": "一份投标文件开启",
    "opening.request_fallback": "申请由密钥受托人兜底开启一份投标文件",
    "share.release": "密钥受托人（{trustee}）核验后释放兜底份额",
    "opening.end_decryption": "解密结束，{opened} 份投标文件有效开启，公开抽取系数 K = {coefficient}%",
    "opening.fail": "解密后有效投标文件 {opened} 份，开标失败",
    "opening.objection": "投标人当场提出开标异议",
    "opening.answer": "主持人当场答复开标异议",
    "opening.record": "形成开标记录",
    "opening.sign_record": "签署开标记录",
    "opening.finish": "宣布开标结束，{signatures} 方签署开标记录",
}
