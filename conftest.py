"""Starts the embedded PostgreSQL before Django reads its settings; tests get a state folder of their own."""

import os
import tempfile
from pathlib import Path

# Two runs at once must not share keys, files or a database server.
os.environ.setdefault("GONGHENG_VAR", str(Path(tempfile.gettempdir()) / f"gongheng-tests-{os.getuid()}"))
os.environ.setdefault("GONGHENG_DEMO", "1")
Path(os.environ["GONGHENG_VAR"]).mkdir(mode=0o755, exist_ok=True)

if "DATABASE_URL" not in os.environ:
    from config.processes import postgres

    os.environ["DATABASE_URL"] = postgres.up()
