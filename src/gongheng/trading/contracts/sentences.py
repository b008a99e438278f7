"""What the history of a lot says for each evidence verb of this app."""

SENTENCES = {
    "contract.draft": "拟定合同 {number}",
    "contract.sign_tenderer": "招标人签署合同",
    "contract.sign_winner": "中标人签署合同，合同文件摘要 {document}",
    "supervision_report.submit": "向行政监督部门提交招标投标情况书面报告",
}
