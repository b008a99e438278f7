"""What each role finds in its navigation: (label, path, icon); one visible table (导航)."""

from gongheng.kernel.roles import Role

_PUBLIC = (
    ("首页", "/", "home"), ("公告公示", "/notices/", "speakerphone"), ("交易主体", "/parties/", "building"),
    ("交易场地", "/venues/", "map-pin"), ("专家共享目录", "/experts/catalogue/", "users"),
    ("如何核验", "/verify/", "shield-check"),
)
_TRADING = (("工作台", "/desk/", "layout-dashboard"), ("公告公示", "/notices/", "speakerphone"))
_OWN = (("单位信息", "/parties/mine/", "building"),)
_CONDUCTING = (
    ("项目与标段", "/projects/", "folders"), ("评标场地", "/coordination/", "armchair"),
    ("专家抽取", "/draws/", "users-group"),
)
_CONTRACTS = ("合同", "/contracts/", "file-check")
_EXCHANGE = ("数据接口", "/exchange/", "plug-connected")

NAVIGATION: dict[Role, tuple[tuple[str, str, str], ...]] = {
    Role.PUBLIC: _PUBLIC,
    Role.TENDERER: (*_TRADING, *_CONDUCTING, _CONTRACTS, *_OWN, _EXCHANGE),
    Role.AGENCY: (*_TRADING, *_CONDUCTING, _CONTRACTS, *_OWN, _EXCHANGE),
    Role.BIDDER: (*_TRADING, ("我的投标", "/bids/", "lock"), _CONTRACTS, *_OWN),
    Role.EXPERT: (
        ("工作台", "/desk/", "layout-dashboard"), ("请假与利害关系", "/experts/leave/", "calendar-off"),
        ("音视频会议", "/meetings/", "video"), ("劳务费", "/sessions/fees/", "coin-yuan"),
    ),
    Role.CENTRE: (
        ("工作台", "/desk/", "layout-dashboard"), ("主体核验", "/parties/", "certificate"),
        ("远程异地协调", "/coordination/", "arrows-exchange"), ("专家抽取", "/draws/", "users-group"),
        ("评标场次", "/sessions/", "calendar-event"), ("门禁轨迹", "/access/", "door-enter"),
        ("专家库", "/experts/", "id-badge-2"), ("场地席位", "/venues/mine/", "armchair"),
        ("音视频会议", "/meetings/", "video"), ("归档", "/archive/", "archive"),
        _EXCHANGE,
    ),
    Role.SUPERVISOR: (
        ("工作台", "/desk/", "layout-dashboard"), ("备案审核", "/desk/supervision/filing/", "clipboard-check"),
        ("围串标线索", "/screening/", "radar-2"), ("重点关注", "/screening/watch/", "eye"),
        ("调度大屏", "/desk/board/", "device-desktop-analytics"), ("远程异地协调", "/coordination/", "arrows-exchange"),
        ("项目与标段", "/projects/", "folders"), ("评标场次", "/sessions/", "calendar-event"),
        ("专家抽取", "/draws/", "users-group"), ("门禁轨迹", "/access/", "door-enter"),
        ("交易主体", "/parties/", "building"), ("专家库", "/experts/", "id-badge-2"),
        ("公告公示", "/notices/", "speakerphone"), ("音视频会议", "/meetings/", "video"),
        _EXCHANGE,
    ),
    Role.NOTARY: (("工作台", "/desk/", "layout-dashboard"),),
    Role.TRUSTEE: (("工作台", "/desk/", "layout-dashboard"),),
}
