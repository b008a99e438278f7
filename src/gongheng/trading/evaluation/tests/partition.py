"""A TCP wire between a seat and the platform that a test can cut and heal (断网模拟)."""

import select
import socket
import threading


class Wire:
    """Forwards every connection to the platform; ``cut`` tears all of them and lets no new one through.

    ``is_silent`` chooses how a cut looks from the seat: connections refused (a dead router), or accepted and never
    answered (a black hole, which a program notices only by its own patience).
    """

    def __init__(self, upstream: tuple[str, int]):
        self._upstream = upstream
        self._is_cut = self.is_silent = False
        self._pairs: list[tuple[socket.socket, ...]] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._is_open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, *, is_silent: bool = False) -> None:
        self.is_silent, self._is_cut = is_silent, True
        with self._lock:
            for pair in self._pairs:
                for one in pair:
                    _tear(one)
            self._pairs.clear()

    def heal(self) -> None:
        self._is_cut = False
        with self._lock:
            for pair in self._pairs:
                for one in pair:
                    _tear(one)
            self._pairs.clear()

    def close(self) -> None:
        self._is_open = False
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while self._is_open:
            try:
                seat, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut and not self.is_silent:
                _tear(seat)
                continue
            if self._is_cut:
                with self._lock:
                    self._pairs.append((seat,))
                continue
            platform = socket.create_connection(self._upstream)
            with self._lock:
                self._pairs.append((seat, platform))
            threading.Thread(target=_pump, args=(seat, platform), daemon=True).start()


def _pump(one: socket.socket, other: socket.socket) -> None:
    peer = {one: other, other: one}
    try:
        while True:
            for ready in select.select([one, other], [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                peer[ready].sendall(data)
    except (OSError, ValueError):
        return
    finally:
        _tear(one)
        _tear(other)


def _tear(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    finally:
        one.close()
