"""What the history says about outside systems."""

SENTENCES = {
    "outside_system.register": "登记接入外部系统 {number}（{kind}，{algorithm}）",
    "outside_system.revoke": "停用外部系统，理由：{reason}",
    "exchange.notify_url": "设置回调地址",
    "exchange.answer": "应答接口调用 {op}，结果 {outcome}",
    "exchange.refuse": "拒绝接口报文，规则 {rule}",
    "exchange.deliver": "送达回调 {event}",
}
