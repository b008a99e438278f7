"""The only writer of meetings, split by what is done: convening, attending, conducting, recording."""

from gongheng.places.meetings.actions.convening import close_meeting, invite, offer_document, open_meeting, revoke

__all__ = ["close_meeting", "invite", "offer_document", "open_meeting", "revoke"]
