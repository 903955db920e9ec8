"""What is in a folder of built configs."""

from deepbench_hf.tables.target import Target


def visible(root):
    """The files that a reader sees."""
    files = (file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file())
    return {name for name in files if not any(part.startswith(".") for part in name.split("/"))}


def bytes_of(root):
    """The bytes of these."""
    return {name: (root / name).read_bytes() for name in visible(root)}


def content(place):
    """The bytes of all files of a folder or a store, but for the lock of a build."""
    target = Target(place)
    found = {path: target.read(path) for path in target.sizes("")}
    return {path: data for path, data in found.items() if not path.endswith(".lock")}
