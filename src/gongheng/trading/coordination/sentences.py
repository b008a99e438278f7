"""What the history says about venue orders and offers."""

SENTENCES = {
    "venue_order.request": "发起评标场地要约单 {number}，共需席位 {seats} 个",
    "venue_order.main_confirm": "主场确认席位，向副场发出要约",
    "venue_order.complete": "主场、副场均已确认，评标场地落实",
    "venue_order.fail": "要约单未通过，已确认的席位全部释放",
    "venue_order.cancel": "取消要约单，理由：{reason}",
    "offer.add": "列入要约，需席位 {seats} 个",
    "offer.send": "向交易中心发出要约",
    "offer.confirm": "交易中心确认要约并指定席位",
    "offer.refuse": "交易中心拒绝要约，理由：{reason}",
    "offer.expire": "要约逾期未答复，自动失效",
    "offer.cancel": "要约随要约单取消，席位释放",
}
