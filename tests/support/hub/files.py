"""What a commit holds: files as Git and LFS name them, and the folders above them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

LARGE = 10_000_000
"""Bytes above which a file of any name goes to LFS."""

LFS_ENDINGS = (
    *(".7z", ".arrow", ".avi", ".bin", ".bmp", ".bz2", ".flac", ".gif", ".gz", ".h5", ".jpeg"),
    *(".jpg", ".mp3", ".mp4", ".npy", ".npz", ".onnx", ".parquet", ".pickle", ".pkl", ".png"),
    *(".pt", ".rar", ".safetensors", ".tar", ".tgz", ".tiff", ".wav", ".webp", ".xz", ".zip"),
    ".zst",
)
"""The endings that the `.gitattributes` of a new repository sends to LFS (an excerpt)."""

GIT_ATTRIBUTES = "".join(
    f"*{ending} filter=lfs diff=lfs merge=lfs -text\n" for ending in LFS_ENDINGS
).encode()


def git_hash(kind: str, content: bytes) -> str:
    """Return the name that Git gives an object."""
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content).hexdigest()


def needs_lfs(path: str, size: int) -> bool:
    return path.lower().endswith(LFS_ENDINGS) or size > LARGE


@dataclass(frozen=True)
class File:
    """One version of a file; with `lfs`, Git keeps a pointer to it."""

    content: bytes
    lfs: bool = False

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def pointer(self) -> bytes:
        version = "version https://git-lfs.github.com/spec/v1"
        return f"{version}\noid sha256:{self.sha256}\nsize {len(self.content)}\n".encode()

    @cached_property
    def oid(self) -> str:
        """The name that Git gives what it keeps."""
        return git_hash("blob", self.pointer if self.lfs else self.content)

    @property
    def etag(self) -> str:
        return self.sha256 if self.lfs else self.oid

    def lfs_info(self) -> dict[str, Any] | None:
        if not self.lfs:
            return None
        size, pointer = len(self.content), len(self.pointer)
        return {"oid": self.sha256, "sha256": self.sha256, "size": size, "pointerSize": pointer}

    def info(self, path: str) -> dict[str, Any]:
        """The file as listings describe it."""
        plain = {"type": "file", "path": path, "oid": self.oid, "size": len(self.content)}
        return {**plain, "lfs": self.lfs_info()} if self.lfs else plain


Tree = Mapping[str, File]
"""The files of a commit by path."""


def tree_id(tree: Tree) -> str:
    return git_hash("tree", "".join(f"{path} {tree[path].oid}\n" for path in sorted(tree)).encode())


def below(tree: Tree, folder: str) -> dict[str, File]:
    """Return the files under a folder, all of them for the empty name."""
    prefix = f"{folder}/" if folder else ""
    return {path: file for path, file in tree.items() if path.startswith(prefix)}


def folder_info(tree: Tree, folder: str) -> dict[str, Any]:
    return {"type": "directory", "path": folder, "oid": tree_id(below(tree, folder)), "size": 0}


def path_info(tree: Tree, path: str) -> dict[str, Any] | None:
    """Describe a file or folder, None if there is none."""
    path = path.strip("/")
    if path in tree:
        return tree[path].info(path)
    return folder_info(tree, path) if path and below(tree, path) else None


def listing(tree: Tree, folder: str, *, recursive: bool) -> list[dict[str, Any]]:
    """Describe what a folder holds, in the order of the paths."""
    root = PurePosixPath(folder)
    inside = {PurePosixPath(path) for path in below(tree, folder)}
    folders = {parent for path in inside for parent in path.parents if root in parent.parents}
    shown = [path for path in sorted(inside | folders) if recursive or path.parent == root]
    return [info for path in shown if (info := path_info(tree, str(path)))]
