"""The program a trustee runs (密钥受托人): its own keys, its own store, its own judgement."""
