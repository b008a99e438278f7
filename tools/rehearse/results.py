"""What a rehearsal leaves behind: documents, bundle, archive, and the verifier's word (演练结果)."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tools.rehearse.play.scene import Scene


def running_origin() -> str:
    """Return the address of the instance that runs from this checkout."""
    var = Path(os.environ.get("GONGHENG_VAR") or Path(__file__).resolve().parents[2] / "var")
    try:
        return f"http://localhost:{json.loads((var / 'ports.json').read_text())['web']}"
    except (OSError, KeyError) as error:
        raise SystemExit("没有找到正在运行的平台，请先运行 make demo，或用 --origin 指定地址。") from error


def collect(scene: Scene) -> bool:
    """Fetch the documents and the bundle into the folder, verify the bundle, and say whether it holds."""
    with scene.stages.stage("结果与离线核验", 3) as done:
        volume = _download(scene, scene.facts["archive_url"], scene.out / "归档卷.zip")
        with zipfile.ZipFile(volume) as archive:
            _extract_documents(archive, scene.out / "文书")
        done()
        bundle = scene.out / "存证包"
        with zipfile.ZipFile(_download(scene, scene.facts["bundle_url"], scene.out / "存证包.zip")) as archive:
            archive.extractall(bundle)
        done()
        # A process of its own, as an outsider would run it.
        checked = subprocess.run(
            [sys.executable, "-m", "tools.verify", str(bundle)], capture_output=True, text=True, check=False
        )
        (scene.out / "核验报告.txt").write_text(checked.stdout)
        scene.stages.remark(next(line for line in checked.stdout.splitlines() if line.startswith("结论")))
        done()
    return checked.returncode == 0


def _extract_documents(volume: zipfile.ZipFile, folder: Path) -> None:
    """Lay the official documents of the volume side by side: everything typeset but the bids themselves."""
    folder.mkdir(exist_ok=True)
    for name in volume.namelist():
        path = Path(name)
        if path.suffix == ".pdf" and "存证包" not in path.parts and not any("投标" in part for part in path.parts[:-1]):
            (folder / path.name).write_bytes(volume.read(name))


def _download(scene: Scene, url: str, path: Path) -> Path:
    visitor = scene.main_centre
    with visitor.http.stream("GET", url) as response, path.open("wb") as out:
        response.raise_for_status()
        for block in response.iter_bytes():
            out.write(block)
    return path
