"""What the history says about certificates."""

SENTENCES = {"certificates.revoke": "数字证书挂失，自此不再有效"}
