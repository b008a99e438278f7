"""A city's venue system that answers offers by itself (模拟场地管理系统): confirm, refuse, or look away."""

import queue

from tools.city.client import Exchange, Refused

SCENARIOS = {"confirm": "确认，席位取平台的建议", "refuse": "一律拒绝", "silent": "不作答，任其逾期"}


class Venue:
    """Hears of offers from a receiver's thread and answers them, one by one, from its own."""

    def __init__(self, exchange: Exchange, region: str, scenario: str):
        self.exchange, self.region, self.scenario = exchange, region, scenario
        self.offers: queue.SimpleQueue[dict | None] = queue.SimpleQueue()

    def hear(self, event: str, data: dict) -> None:
        """Put an offer on the pile; an acknowledgement must not wait for our decision."""
        if event == "offer" and data["what"] != "remind":
            self.offers.put(data)

    def work(self, say=print) -> None:
        """Answer what comes until ``None`` is put on the pile."""
        while (offer := self.offers.get()) is not None:
            try:
                say(self.answer(offer))
            except Refused as refused:
                say(f"{offer['number']}：平台未受理，{refused.message}（{refused.rule}）")

    def answer(self, offer: dict) -> str:
        """Answer one offer as the scenario says, and say what was done."""
        number = offer["number"]
        if self.scenario == "silent":
            return f"{number}：不作答"
        answer = {"number": number, "decision": "refuse", "reason": "该时段评标室检修"}
        if self.scenario == "confirm":
            answer = {"number": number, "decision": "confirm", "seats": self._seats(offer)}
            if len(answer["seats"]) < offer["seats_wanted"]:
                answer = {"number": number, "decision": "refuse", "reason": "该时段空闲席位不足"}
        done = self.exchange.call("notify", answer)
        return f"{number}：{'已确认' if answer['decision'] == 'confirm' else '已拒绝'}，要约单状态 {done['state']}"

    def _seats(self, offer: dict) -> list[dict]:
        if not offer["seats_wanted"]:
            return []  # asked to agree to a cancellation
        period = {"starts_at": offer["starts_at"], "ends_at": offer["ends_at"]}
        found = self.exchange.call(
            "seat_check", {"region": self.region, "seats": offer["seats_wanted"], **period}
        )
        return found["proposal"]
