"""What the history says for each act of the sealed phase (历史用语); the opaque ones once they are revealed."""

SENTENCES = {
    "bid.seal": "一份投标文件封标",
    "bid.withdraw": "一份投标文件撤回",
    "bid.share_check": "密钥受托人（{trustee}）校验一份投标文件的兜底份额",
    "trustee_key.enrol": "密钥受托人（{trustee}）为本标段登记一次性密钥",
    "bid.strike_cover": "密钥受托人（{trustee}）声明一份掩护件",
    "bid.covers_struck": "密钥受托人（{trustee}）声明掩护件已全部列明",
}
