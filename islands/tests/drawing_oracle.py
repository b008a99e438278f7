"""Reads the state of a finished draw from stdin and checks every message with the Python twin (对照)."""

import json
import sys

from gongheng.crypto import canonical, drawing


def main() -> None:
    """Check commitments, points, wrapped shares and reveals; any refusal ends with a traceback."""
    state = json.load(sys.stdin)
    context = drawing.DrawContext(state["draw_id"], state["pool_root"], state["order_digest"], state["attempt"])
    shares = 0
    for party in (1, 2, 3):
        row = state["points"][str(party)]
        points = [canonical.unb64(point) for point in row["points"]]
        drawing.check_points(context, party, points, state["commits"][str(party)])
        for receiver, blob in row["shares"].items():
            private = canonical.unb64(state["privates"][receiver])
            drawing.receive_share(context, party, int(receiver), points, blob, private)
            shares += 1
        drawing.check_reveal(party, points, int.from_bytes(canonical.unb64(state["reveals"][str(party)])))
    sys.stdout.write(f"accepted {shares} shares")


if __name__ == "__main__":
    main()
