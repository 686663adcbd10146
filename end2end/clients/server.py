"""A server of a test's own."""

import functools
import os
import pathlib
import socket
import subprocess
import time

import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]
TURNPIKE = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "debug" / "turnpike"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """`turnpike serve` on a free port, with what a catalog says."""

    def __init__(self, directory, catalog=None, public_url=None, **settings):
        """`settings` are environment variables of the server's, without the prefix."""
        self.data = pathlib.Path(directory) / "data"
        # The server refuses settings that it does not know, such as the address that the other tests are given.
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("TURNPIKE_")}
        self.env |= {f"TURNPIKE_{name}": value for name, value in settings.items()}
        self.log = (pathlib.Path(directory) / "log").open("w+")
        if catalog:
            self.apply(catalog)
        named = ["--public-url", public_url] if public_url else []
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process = self.start("serve", "--listen", self.url.removeprefix("http://"), *named)
        while not self.is_ready():
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {self.said()}")
            time.sleep(0.1)

    def start(self, *arguments):
        command = [TURNPIKE, *arguments, "--data-dir", self.data]
        return subprocess.Popen(command, env=self.env, stdout=self.log, stderr=self.log)

    def run(self, *arguments):
        command = [TURNPIKE, *arguments, "--data-dir", self.data]
        return subprocess.run(command, env=self.env, check=True, capture_output=True, text=True).stdout

    def apply(self, catalog):
        file = self.data.parent / "catalog.toml"
        file.write_text(catalog)
        self.run("apply", "-f", file)

    @functools.cached_property
    def key(self):
        """An admin API key."""
        return self.run("admin", "key", "create", "--name", "tests").strip()

    def admin(self, method, path, body=None):
        headers = {"authorization": f"Bearer {self.key}"}
        answer = requests.request(method, f"{self.url}/api/admin{path}", headers=headers, json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def is_ready(self):
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):
            return False

    def said(self):
        self.log.seek(0)
        return self.log.read()[-4000:]

    def stop(self):
        self.process.terminate()
        return self.process.wait(60)
