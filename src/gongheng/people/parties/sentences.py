"""What the history says about organisations."""

SENTENCES = {
    "organisation.register": "单位凭机构证书提交主体登记",
    "organisation.accept": "交易中心核验通过，单位入库",
    "organisation.return": "交易中心退回补正：{reason}",
    "organisation.resubmit": "单位补正后重新提交登记",
    "organisation.suspend": "行政监督部门暂停资格：{reason}",
    "organisation.resume": "行政监督部门恢复资格",
    "parties.add_member": "单位添加成员或为成员换证",
    "parties.control": "登记{kind}关系：{upper} 对 {lower}",
    "parties.end_control": "终止{kind}关系：{upper} 对 {lower}",
    "parties.end_membership": "单位停用成员身份",
}
