"""What the history says for each evidence verb of this app."""

SENTENCES = {
    "log.checkpoint": "存证日志签发国密日志头，共 {size} 条",
    "log.witness": "存证日志登记见证方公钥",
}
