"""Weights on the hub: a small server of the test's own, by the client's own endpoint."""

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from netspec.errors import InputError
from runtime.checkpoint import load
from runtime.networks import open_spec
from runtime.weights import hub
from runtime.weights.hub import located, on_hub
from tests.runtime.sandbox import ROOT
from tests.runtime.weights.files import state_dict, timm_config, write

pytest.importorskip("huggingface_hub", reason="the extra `weights` is not installed")
REVISION = "a" * 40
NET = open_spec("mobilenet_v3:small", width=0.25).net


class Hub(http.server.ThreadingHTTPServer):
    """Repositories of files, by `OWNER/NAME` and name."""

    def __init__(self, files: dict[tuple[str, str], bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files = files
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answer(http.server.BaseHTTPRequestHandler):
    server: Hub

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        owner, name, _, revision, file = self.path.strip("/").split("/", 4)  # OWNER/NAME/resolve/REVISION/FILE
        self.server.asked.append(f"{self.command} {file} {revision}")
        data = self.server.files.get((f"{owner}/{name}", file))
        known = any(repository == f"{owner}/{name}" for repository, _ in self.server.files)
        self.send_response(404 if data is None else 200)
        if data is None:
            self.send_header("X-Error-Code", "EntryNotFound" if known else "RepoNotFound")
        else:
            self.send_header("ETag", f'"{sha256(data).hexdigest()}"')
            self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Repo-Commit", REVISION)
        self.end_headers()
        if data is not None and body:
            self.wfile.write(data)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Hub]:
    weights = write(tmp_path / "w.safetensors", state_dict(NET, "timm")).read_bytes()
    config = timm_config(tmp_path / "c.json").read_bytes()
    server = Hub(
        {
            ("timm/tf_small", "model.safetensors"): weights,
            ("timm/tf_small", "config.json"): config,
            ("own/net", "pytorch_model.bin"): weights,
            ("own/empty", "README.md"): b"",
        }
    )
    yield server
    server.shutdown()
    server.server_close()


def ran(served: Hub, home: Path, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command with the client's variables, which it reads when it is loaded."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": f"http://127.0.0.1:{served.server_port}",
        "HF_HOME": str(home / "hf"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "NO_PROXY": "127.0.0.1",
        "PYTHONPATH": str(ROOT),
        **variables,
    }
    words = [sys.executable, "-P", "-m", "netspec", *map(str, arguments)]
    return subprocess.run(words, cwd=home, env=environment, capture_output=True, text=True, check=False)


IMPORT = (
    "import",
    "--spec",
    "mobilenet_v3:small",
    "--width",
    "0.25",
    "--conventions",
    "source",
    "-o",
    "out.safetensors",
)


@pytest.mark.ordinary
def test_weights_are_downloaded_once_with_their_config_and_taken_from_the_cache(served: Hub, tmp_path: Path) -> None:
    done = ran(served, tmp_path, *IMPORT, "timm/tf_small")
    assert done.returncode == 0, done.stderr
    assert "timm-tf's MobileNetV3: hswish, padding same, epsilon 0.001\n" in done.stderr, "as its config.json says"
    assert [each for each in served.asked if each.startswith("GET")] == [
        "GET model.safetensors main",
        "GET config.json main",
    ]
    served.asked.clear()
    offline = ran(served, tmp_path, *IMPORT, "timm/tf_small", HF_HUB_OFFLINE="1")
    assert offline.returncode == 0, offline.stderr
    assert served.asked == []
    origin = load(tmp_path / "out.safetensors", to_train=False).origin or {}
    assert origin["repository"] == f"timm/tf_small@{REVISION}"


@pytest.mark.ordinary
def test_a_repository_without_safetensors_gives_pytorch_s_file_and_a_revision_is_asked_for(
    served: Hub, tmp_path: Path
) -> None:
    done = ran(served, tmp_path, *IMPORT, "hf:own/net@v1.0", "--source", "timm")
    assert done.returncode == 0, done.stderr
    assert "GET pytorch_model.bin v1.0" in served.asked


@pytest.mark.ordinary
@pytest.mark.parametrize(
    ("name", "variables", "said"),
    [
        ("hf:own/empty", {}, "expected model.safetensors or pytorch_model.bin in the repository, found neither"),
        ("hf:no/body", {}, "there is no such repository or revision, or it needs a token"),
        ("timm/nothing", {}, "there is no such repository or revision"),
        ("hf:own/net", {"HF_HUB_OFFLINE": "1"}, "model.safetensors is not in the cache, and the hub cannot be reached"),
        ("hf:own/net", {"HF_ENDPOINT": "http://127.0.0.1:9"}, "is not in the cache, and the hub cannot be reached"),
    ],
)
def test_what_cannot_be_had_is_said_in_a_sentence(
    name: str, variables: dict[str, str], said: str, served: Hub, tmp_path: Path
) -> None:
    done = ran(served, tmp_path, *IMPORT, name, **variables)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert said in done.stderr.splitlines()[-1]
    assert not (tmp_path / "out.safetensors").exists()


def test_which_arguments_name_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert on_hub("hf:own/net") == ("own/net", None)
    assert on_hub("hf:own/net@refs/pr/1") == ("own/net", "refs/pr/1")
    assert on_hub("timm/net.in1k") == ("timm/net.in1k", None)
    for text in ("net.safetensors", "./timm/net", "own/net", "hf:net", "hf:a/b/c", "timm/a/b"):
        assert on_hub(text) is None
    (tmp_path / "timm").mkdir()
    (tmp_path / "timm/net").write_bytes(b"")
    assert on_hub("timm/net") is None, "a file of the user's comes first"
    with pytest.raises(InputError, match="expected hf:OWNER/NAME"):
        located("hf:net")


def test_without_the_client_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(InputError, match=r"needs the package huggingface_hub: pip install 'netspec\[weights\]'"):
        hub.located("timm/net")
