"""Pages of archiving, and the downloads by which anybody checks a tender."""

from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.crypto import canonical
from gongheng.followers.archive import actions, queries, rules
from gongheng.followers.archive.printing import RESULTS, size_text
from gongheng.followers.archive.publishing import public_bundle
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.queries import search
from gongheng.trust.evidence.proofs import NotYetProved
from gongheng.ui.pages import page

_PARTIES = (Role.CENTRE, Role.TENDERER, Role.AGENCY, Role.SUPERVISOR)
_TONES = {"pass": "success", "warn": "warning", "fail": "danger"}


@page("archive.list", *_PARTIES)
def volumes(request: HttpRequest) -> HttpResponse:
    """The lots that wait to be archived or were."""
    lots = search(queries.visible_to(request.actor), request.GET.get("q", "")).select_related("volume")
    shown = Paginator(lots.order_by("-state", "-created_at"), 20).get_page(request.GET.get("page"))
    return render(
        request,
        "archive/list.html",
        {
            "heading": "归档",
            "subtitle": "一标段一卷：合同签订后由主场交易中心检测、封装、读回核对并归档。",
            "page_of": shown,
            "rows": [{"lot": lot, "volume": getattr(lot, "volume", None)} for lot in shown],
        },
    )


@page("archive.volume", *_PARTIES)
def volume(request: HttpRequest, pk) -> HttpResponse:
    """One lot's volume: scope, four properties, contents, downloads; the main venue archives here."""
    lot = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    kept = queries.volume_of(lot)
    may_archive = kept is None and lot.state == State.CONTRACTED and queries.is_keeper(lot, request.actor)
    return render(
        request,
        "archive/volume.html",
        {
            "heading": f"{lot.name}案卷",
            "pretitle": f"{lot.full_name}　{lot.code}",
            "breadcrumb": [{"label": "归档", "url": "/archive/"}, {"label": "案卷"}],
            "subtitle": "依据 DA/T 103 归档范围收集全部电子文件，连同可离线核验的存证包封装为一卷。",
            "lot": lot,
            "volume": kept,
            "may_archive": may_archive,
            "subject": f"lot:{lot.pk}",
            "scope": [
                {"number": number, "title": title, "is_mandatory": number in rules.MANDATORY}
                for number, title in rules.ITEMS.items()
            ],
            "size": size_text(kept.byte_count) if kept else "",
            "checks": [
                one | {"label": RESULTS[one["result"]], "tone": _TONES[one["result"]]}
                for one in (kept.report["checks"] if kept else [])
            ],
            "stages": _stages(kept.contents) if kept else [],
            "may_take": kept is not None and request.actor.role != Role.AGENCY,
        },
    )


@page("archive.archive", Role.CENTRE, methods=("POST",), signed=True)
def archive(request: HttpRequest, pk) -> HttpResponse:
    lot = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    kept = actions.archive_lot(lot, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, f"已归档，档号 {kept.number}；读回核对一致。")
    return redirect("archive:volume", lot.pk)


@page("archive.download", Role.CENTRE, Role.TENDERER, Role.SUPERVISOR)
def download(request: HttpRequest, pk) -> FileResponse:
    """The whole volume; tenderer, supervisor and main venue keep one each."""
    lot = get_object_or_404(queries.visible_to(request.actor).filter(volume__isnull=False), pk=pk)
    return _file(queries.zip_of(lot.volume), f"{lot.volume.number}.zip")


@page("archive.bundle", Role.PUBLIC)
def bundle(request: HttpRequest, pk) -> FileResponse:
    """The public evidence bundle, for everybody from the award on."""
    lot = get_object_or_404(queries.proved_lots(request.actor), pk=pk)
    try:
        place = public_bundle(lot, clock=settings.CLOCK)
    except NotYetProved as late:
        raise Refusal("WITNESS", "最近的存证正在等待见证方联署，请数秒后重试。") from late
    return _file(place, f"存证包-{lot.code}.zip")


def _file(place: Path, name: str) -> FileResponse:
    return FileResponse(place.open("rb"), as_attachment=True, filename=name, content_type="application/zip")


def _stages(contents: list[dict]) -> list[dict]:
    rows = [one | {"at": canonical.parse_timestamp(one["date"]), "size": size_text(one["size"])} for one in contents]
    return [
        {"name": name, "items": list(items)}
        for name, items in groupby(rows, lambda one: rules.folder_of(one["number"]))
    ]
