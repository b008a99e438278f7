"""Parsers of foreign bytes (外来文件解析); they run only inside the limited child process, never in the web."""
