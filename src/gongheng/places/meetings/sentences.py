"""What the history says about meetings and their recordings."""

SENTENCES = {
    "meeting.open": "开启音视频会议",
    "meeting.watch": "录像链头存证：{summary}",
    "meeting.close": "音视频会议结束",
    "meetings.invite": "增补参会人 {label}",
    "meetings.revoke": "撤销 {label} 的参会资格：{reason}",
    "meetings.release_device": "批准 {label} 更换席位设备：{reason}",
    "meetings.reseat": "{label} 更换席位：{reason}",
    "meetings.offer_document": "提供同步阅看文件（{pages} 页），摘要 {digest}",
    "meetings.join": "{label} 入会，设备 {device}",
    "meetings.leave": "{label} 离会",
    "meetings.mute": "静音 {label}",
    "meetings.unmute": "恢复 {label} 发言",
    "meetings.let_in": "允许 {label} 入会答疑",
    "meetings.let_out": "{label} 答疑结束退出",
    "meetings.call": "{label} 呼叫 {target}",
    "meetings.hang_up": "{label} 结束呼叫",
    "meetings.restart_track": "{label} 的录像（{kind}）重新开始，原因：{cause}",
    "meetings.break": "{label} 音视频传输中断：{cause}",
    "meetings.recover": "{label} 音视频传输恢复",
}
