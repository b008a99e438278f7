"""The only writer of outside systems, calls and callbacks."""

from gongheng.followers.exchange.actions.answering import Reply, answer_call
from gongheng.followers.exchange.actions.delivering import deliver_next, queue_callback
from gongheng.followers.exchange.actions.registering import register_system, revoke_system, set_notify_url

__all__ = [
    "Reply", "answer_call", "deliver_next", "queue_callback", "register_system", "revoke_system", "set_notify_url",
]
