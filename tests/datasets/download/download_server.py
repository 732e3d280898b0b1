"""A web server on this machine that misbehaves as told."""

import re
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Answer = Callable[["Handler", bytes], None]


def padded(source: Path, extra: int = 300_000) -> bytes:
    """A video as a download of some size: with a box at its end that players skip."""
    return source.read_bytes() + struct.pack(">I4s", extra + 8, b"free") + bytes(extra)


class Handler(BaseHTTPRequestHandler):
    server: "Web"

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[-1].removesuffix(".mp4")
        self.server.seen.append((name, self.headers.get("Range"), time.monotonic()))
        answers = self.server.answers.get(name, [status(404)])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        with suppress(ConnectionError):  # the extractor reads only the beginning
            answer(self, self.server.content)

    def begin(self, body: bytes) -> bytes:
        """Send the headers; returns the part of the body that was asked for."""
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(asked[1]) if asked else 0
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Content-Length", str(len(body) - first))
        self.end_headers()
        return body[first:]

    def log_message(self, format: str, *args: object) -> None:
        pass


def whole(handler: Handler, body: bytes) -> None:
    handler.wfile.write(handler.begin(body))


def half(handler: Handler, body: bytes) -> None:
    """Cut off in the middle of what was asked for."""
    rest = handler.begin(body)
    handler.wfile.write(rest[: len(rest) // 2])


def stall(handler: Handler, body: bytes) -> None:
    """Half, then silence."""
    half(handler, body)
    handler.wfile.flush()
    handler.server.over.wait(60)


def page(handler: Handler, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    handler.wfile.write(b"<html><title>nothing to see</title></html>")


def damaged(handler: Handler, body: bytes) -> None:
    """A video without its index, sent as if it were whole."""
    handler.wfile.write(handler.begin(body[:3000]))


def status(code: int) -> Answer:
    def answer(handler: Handler, body: bytes) -> None:
        handler.send_error(code)

    return answer


class Web(ThreadingHTTPServer):
    """Serves one video under every id that it has answers for; the last answer stays.

    yt-dlp asks twice for a direct link: what it is, then for the file.
    """

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.answers: dict[str, list[Answer]] = {}
        self.seen: list[tuple[str, str | None, float]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/{{id}}.mp4"

    def asked(self) -> list[str]:
        """The ids of all requests, in order."""
        return [name for name, _, _ in self.seen]


@contextmanager
def serving(content: bytes) -> Iterator[Web]:
    with Web(content) as web:
        thread = threading.Thread(target=web.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield web
        finally:
            web.over.set()
            web.shutdown()
            thread.join()
