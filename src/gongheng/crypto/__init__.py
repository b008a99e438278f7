"""The cryptography of the platform: pure functions over bytes, usable without Django or a database (密码)."""
