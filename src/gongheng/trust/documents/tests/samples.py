"""Realistic data for each document (samples.json): one school building in Jinan with six bidders."""

import json
from pathlib import Path

SAMPLES: dict[str, dict] = json.loads((Path(__file__).parent / "samples.json").read_text("utf-8"))
