"""What the history says about the demonstration itself."""

SENTENCES = {
    "province.loaded": "装入演示省数据：{organisations} 个单位、{people} 名人员、{experts} 名专家",
    "clock.advance": "演示时钟由 {from} 拨快到 {to}",
}
