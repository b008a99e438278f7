"""What the history says about the pool of experts."""

SENTENCES = {"experts.look": "专家库管理单位查阅专家个人信息，事由：{reason}"}
