"""What the history says about the pool of experts."""

SENTENCES = {
    "experts.look": "专家库管理单位查阅专家个人信息，事由：{reason}",
    "experts.tie": "登记一项利害关系（内容不入存证）",
    "experts.leave": "请假：{first_day} 至 {last_day}",
    "experts.withdraw_leave": "销假：{first_day} 至 {last_day}",
    "experts.pool": "登记外部专家库及其公钥 {key}",
    "experts.receive": "上传导入批次，摘要 {digest}",
    "experts.import": "导入批次：新增 {created}、更新 {updated}、退出 {removed}、未变 {unchanged}、拒绝 {refused}",
    "experts.update": "来源专家库更新专家信息",
    "expert.apply": "提交入库申请",
    "expert.admit": "批准入库",
    "expert.decline": "不予入库，原因：{reason}",
    "expert.suspend": "暂停至 {until}，原因：{reason}",
    "expert.resume": "恢复在库，原因：{reason}",
    "expert.remove": "退出专家库，原因：{reason}",
    "expert.retire": "退休，{reason}",
}
