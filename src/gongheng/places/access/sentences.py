"""What the history says about identity checks and gates; never who."""

SENTENCES = {
    "visit.check": "到场人证核验（{result}）",
    "visit.admit": "核验通过，准许进入评标区",
    "visit.refuse": "核验未通过，不予进入评标区",
    "visit.leave": "离开评标区",
    "access.store_phone": "手机存入储物柜",
    "access.enrol_gate": "登记门禁 {gate}",
    "access.revoke_gate": "吊销门禁 {gate} 的密钥",
    "access.alarm": "门禁告警：{zone} {alarm}",
}
