"""Stage 10: one lot, one volume, and the bundle that an outsider checks (归档)."""

from tools.rehearse.play.scene import Scene


def play(scene: Scene) -> None:
    lot = scene.lot
    with scene.stages.stage("10 归档", 1) as done:
        scene.main_centre.act(f"/archive/{lot}/", form="archive")
        done()
    scene.facts["bundle_url"] = f"/archive/{lot}/bundle.zip"
    scene.facts["archive_url"] = f"/archive/{lot}/volume.zip"
