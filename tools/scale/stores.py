"""Stores that are no folders: an S3, one that refuses, and a repository of a Hub."""

import hashlib
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deepbench_hf.errors import BuildError
from deepbench_hf.tables.building import finish
from deepbench_hf.tables.target import Target
from deepbench_hf.tables.work import state_of
from tools.scale.common import finished, nothing_visible, planned, worker


@contextmanager
def s3_server() -> Iterator[str]:
    """Moto's S3 on loopback, with a bucket."""
    import boto3
    import s3fs
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    s3fs.S3FileSystem.clear_instance_cache()  # those of an earlier server
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    }
    boto3.client("s3").create_bucket(Bucket="bucket")
    yield "s3://bucket"
    server.stop()


def s3(folder: Path, wanted: dict[str, str]) -> None:
    """Four processes of the command line and a store; then one that has lost its bucket."""
    with s3_server() as bucket:
        target, plan = planned(f"{bucket}/out")
        tasks = [
            subprocess.Popen(
                [sys.executable, "-m", "deepbench_hf", "work", target.url, "--task", f"{n}/4", "-q"]
            )
            for n in range(1, 5)
        ]
        assert [task.wait() for task in tasks] == [0] * 4
        Target(target.url).fs.rm(f"{target.root}/{plan[3].path}")
        print(f"  {state_of(plan, target).lines()}")
        worker(target.url, 1, 1)
        finished(target, wanted, "S3")
        try:
            planned("s3://nobody/out")
        except BuildError as error:
            print(f"  {error}")


def closed(folder: Path, wanted: dict[str, str]) -> None:
    """An S3 that begins to refuse all requests in the middle; then it takes them again."""
    import requests

    with s3_server() as bucket:
        target, plan = planned(f"{bucket}/closed/out")
        worker(target.url, 1, 4)
        ask = f"{os.environ['AWS_ENDPOINT_URL']}/moto-api/reset-auth"
        requests.post(ask, data="0", timeout=10)  # from now on the keys are checked, and unknown
        try:
            worker(target.url, 1, 1)
        except BuildError as error:
            print(f"  {error}")
        requests.post(ask, data="1000000", timeout=10)
        nothing_visible(target, plan)
        worker(target.url, 1, 1)
        finished(target, wanted, "an S3 that refused")


def repository(folder: Path, wanted: dict[str, str]) -> None:
    """A repository of the tests' Hub takes what lies at a target; stock clients download it."""
    from tests.support.hub.client import LocalHub

    target, _ = planned(folder / "out")
    worker(target.url, 1, 1)
    finish(target)
    with LocalHub(folder / "homes") as hub:
        token = hub.accounts.add("user")
        done = hub.cli("push", target.url, "user/scale", token=token)
        assert done.returncode == 0, done.stderr
        code = "from huggingface_hub import snapshot_download as download\n"
        code += "print(download('user/scale', repo_type='dataset', local_dir='seen'))"
        seen = Path(hub.run(code, computer="reader").strip().splitlines()[-1])
        rows = [path for path in wanted if path.endswith(".parquet")]
        found = {path: hashlib.sha256((seen / path).read_bytes()).hexdigest() for path in rows}
    assert found == {path: wanted[path] for path in rows}
    print(f"a repository: {len(rows)} files of rows, equal")
