"""What the history says about rooms and seats."""

SENTENCES = {
    "venues.fault": "{room} {number} 号席位报修：{fault}",
    "venues.repair": "{room} {number} 号席位恢复可用",
    "venues.add_room": "新增评标室 {room}，席位 {seats} 个",
}
