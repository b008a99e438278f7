"""Stages 2 and 3: project, filing, tender document, notice, clarification (登记、备案、招标文件、公告、澄清)."""

from datetime import timedelta

from tools.rehearse.play.scene import SHANGHAI, Scene, local, workday_at

#: The county in which a project lies, by the region of its main venue: code, city, name.
COUNTIES = {"370100": ("370102", "济南", "济南市历下区"), "370200": ("370202", "青岛", "青岛市市南区")}


def play(scene: Scene) -> None:
    register(scene)
    announce(scene)
    clarify(scene)


def register(scene: Scene) -> None:
    """Register project, tender project and lot, and have them filed."""
    cast, stages = scene.cast, scene.stages
    dice = scene.dice("project")
    code, city, county = COUNTIES[scene.place]
    with stages.stage("2 项目登记与备案", 6) as done:
        scene.agency = cast.one("agency")
        scene.tenderer = cast.one("tenderer", city)
        uscc = scene.tenderer.certificate.uscc
        name = f"{county}第{dice.randint(2, 900)}实验学校建设项目"
        values = {
            "name": name,
            "owner": uscc,
            "region_code": code,
            "address": f"{county}解放东路",
            "industry": "A01",
            "invest_project_code": f"2605-{code}-04-01-123456",
            "fund_source": "财政资金",
            "scale": "总建筑面积 38600 平方米，地上五层、地下一层",
            "approval_name": "关于学校建设项目可行性研究报告的批复",
            "approval_number": "发改投资〔2026〕18号",
            "approval_authority": f"{county}发展和改革局",
        }
        stages.must_refuse(
            "投资项目代码有误的登记",
            lambda: scene.agency.act("/projects/new/", **values | {"invest_project_code": "2605-990102-04-01-123456"}),
            rules=("CODE", "不是行政区划代码"),
        )
        page = scene.agency.act("/projects/new/", **values)
        done()
        department = next(
            option
            for option in page.tree.xpath("//select[@name='supervisor']/option")
            if city in option.text_content()
        )
        scene.supervisor = cast.one("supervisor", department.text_content().strip())
        page = scene.agency.act(
            page.url, name=f"{name}施工", content="施工图范围内的土建、安装、装饰及室外工程", tenderer=uscc,
            supervisor=department.get("value"),
        )
        done()
        page = scene.agency.act(
            page.url, name="施工一标段", content="教学楼、综合楼及地下车库施工", classification="A08",
            region_code=code, place_region=scene.place, estimate="116,000,000", period_days=540,
        )
        scene.lot = page.url.rstrip("/").rsplit("/", 1)[-1]
        done()
        stages.must_refuse(
            "陌生单位查看未公告标段", lambda: cast.one("bidder").get(f"/projects/lots/{scene.lot}/"), statuses=(404,)
        )
        scene.agency.act(f"/projects/lots/{scene.lot}/", form="projects.submit")
        done()
        scene.supervisor.act(f"/projects/lots/{scene.lot}/", form="projects.file", filing_number="")
        done()


def announce(scene: Scene) -> None:
    """Write and publish the tender document and the notice."""
    stages, agency = scene.stages, scene.agency
    with stages.stage("3 招标文件与公告", 4) as done:
        now = scene.now()
        starts = now + timedelta(minutes=5)
        due = workday_at(now, 21, 9, 30)
        document = f"/desk/lots/{scene.lot}/document/"
        values = {
            "ceiling": "115,200,000", "deposit": "800,000", "validity_days": 90, "quality": "合格",
            "sale_starts_at": local(starts), "sale_ends_at": local(workday_at(now, 7, 17)),
            "fallback": "on_platform_fault",
        }
        early = workday_at(now, 12, 9, 30)
        stages.must_refuse(
            "不足20日的投标截止时间",
            lambda: agency.act(document, **values, bids_due_at=local(early)),
            rules=("T3", "20"),
        )
        stages.must_refuse(
            "超过限额的投标保证金",
            lambda: agency.act(document, **values | {"deposit": "5,000,000"}, bids_due_at=local(due)),
            rules=("DEPOSIT", "保证金"),
        )
        agency.act(document, **values, bids_due_at=local(due))
        done()
        broken = scene.out / "损坏的图纸.pdf"
        broken.write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nstartxref\n99999\n")
        stages.must_refuse(
            "结构损坏的PDF附件",
            lambda: agency.act(f"/notices/lots/{scene.lot}/attach/", files={"file": broken}),
            rules=("FILE", "PDF", "损坏"),
        )
        broken.unlink()
        done()
        agency.act(f"/notices/lots/{scene.lot}/publish/")
        done()
        scene.facts["due"] = due
        page = scene.cast.anyone.get(f"/lots/{scene.lot}/")
        if "招标中" not in page.text():
            raise ValueError("公告发布后，公众在标段页面看不到“招标中”")
        done()


def clarify(scene: Scene) -> None:
    """Clarify nine days later, which moves the deadline."""
    with scene.stages.stage("3 澄清修改", 2) as done:
        scene.advance_to(scene.now() + timedelta(days=9))
        page = f"/notices/lots/{scene.lot}/clarify/"
        content = "将第二章“投标人须知”第 3.4 款中的钢筋品牌要求修改为“符合国家标准”，其余不变。"
        due = scene.facts["due"]
        scene.stages.must_refuse(
            "不顺延截止时间的重大澄清",
            lambda: scene.agency.act(page, content=content, affects_bids="on", new_due_at=local(due)),
            rules=("T4", "15"),
        )
        done()
        moved = workday_at(scene.now(), 16, 9, 30)
        scene.agency.act(page, content=content, affects_bids="on", new_due_at=local(moved))
        scene.facts["due"] = moved.astimezone(SHANGHAI)
        scene.stages.remark(f"投标截止顺延至 {moved:%m月%d日 %H:%M}")
        done()
