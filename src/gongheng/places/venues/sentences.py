"""What the history says about rooms, seats and their self-tests."""

SENTENCES = {
    "venues.fault": "{room} {number} 号席位报修：{fault}",
    "venues.repair": "{room} {number} 号席位恢复可用",
    "venues.link_seats": "{room} {number} 号席位登记隔室相望席位 {seats} 个",
    "venues.add_room": "新增评标室 {room}，席位 {seats} 个",
    "venues.change_room": "变更评标室 {room}",
    "venues.set_hours": "服务时间设为{days} {opens}–{closes}",
    "venues.close_day": "{day} 停止服务：{reason}",
    "venues.reopen_day": "{day} 恢复服务",
    "venues.add_fee_rule": (
        "公布自 {valid_from} 起的劳务报酬标准：每小时 {per_hour} 元，异地补助 {remote_allowance} 元，"
        "超过 {overtime_after} 小时后每小时 {overtime_per_hour} 元"
    ),
    "seat_agent.invite": "{room} {number} 号席位生成自检程序登记码",
    "seat_agent.enrol": "{room} {number} 号席位自检程序登记，设备公钥 {kid}",
    "seat_agent.report_fit": "{room} {number} 号席位自检正常",
    "seat_agent.report_unfit": "{room} {number} 号席位自检异常：{broken}",
    "seat_agent.fall_silent": "{room} {number} 号席位自检中断",
    "seat_agent.revoke": "{room} {number} 号席位自检程序吊销",
}
