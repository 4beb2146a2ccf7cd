"""Files, by the names that people give them.

In: a path, or `git:REV:path`. Out: bytes, of at most a given size. Promises: a file over the limit is not read at all;
whatever goes wrong is a Refusal that names the file.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from policyeval.problems import Problem, Refusal

if TYPE_CHECKING:
    from subprocess import CompletedProcess

AnyPath = str | os.PathLike[str]

PACK_SIZE = 2**20
CASE_SIZE = 10 * 2**20

_GIT = "git:"


def names_a_file(reference: str) -> bool:
    """Whether a PACK of the command line is a file or a file of a git revision, and not the id of a pack."""
    return (
        reference.startswith(_GIT)
        or "/" in reference
        or os.sep in reference
        or reference.lower().endswith((".yaml", ".yml"))
        or os.path.isfile(reference)
    )


def read_reference(reference: str) -> bytes:
    """The bytes of a path or of `git:REV:path`. Raises Refusal."""
    return _read_git(reference) if reference.startswith(_GIT) else read_file(reference, reference)


def read_file(path: AnyPath, name: str = "", limit: int = PACK_SIZE) -> bytes:
    """The bytes of a file that a user knows as `name`. Raises Refusal."""
    shown = name or os.fspath(path)
    try:
        if os.path.isdir(path):
            raise Refusal(Problem("F102", {"path": shown}))
        size = os.stat(path).st_size
        if size > limit:
            raise Refusal(too_large(shown, size, limit))
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise Refusal(Problem("F101", {"path": shown})) from None
    except (OSError, ValueError) as error:
        raise Refusal(Problem("F103", {"path": shown, "reason": why_not(error)})) from None


_REASONS = {
    errno.ENOENT: ("there is no such folder", "没有这个文件夹"),
    errno.EACCES: ("it is not allowed here", "没有权限"),
    errno.EPERM: ("it is not allowed here", "没有权限"),
    errno.EROFS: ("the disk is read-only", "磁盘只读"),
    errno.ENOSPC: ("the disk is full", "磁盘已满"),
    errno.ENOTDIR: ("a part of the path is no folder", "路径中有一段不是文件夹"),
    errno.EISDIR: ("it is a folder", "这是文件夹"),
    errno.ENAMETOOLONG: ("the name is too long", "文件名过长"),
}


def why_not(error: OSError | ValueError) -> dict[str, str]:
    """Why the system refuses a file, in both languages; in its own words where it is a rare reason."""
    own = getattr(error, "strerror", None) or str(error)
    en, zh = _REASONS.get(getattr(error, "errno", None) or 0, (own, own))
    return {"en": en, "zh": zh}


def too_large(name: str, size: int, limit: int) -> Problem:
    words = {"path": name, "size": f"{size / 2**20:.1f} MiB", "limit": f"{limit // 2**20} MiB"}
    return Problem("X201", words)


def _read_git(reference: str) -> bytes:
    revision, _, path = reference.removeprefix(_GIT).partition(":")
    if not revision or not path or revision.startswith("-"):
        raise Refusal(Problem("L110", {"ref": reference}))
    words = {"ref": reference, "revision": revision, "path": path}
    if _git("rev-parse", "--git-dir").returncode:
        raise Refusal(Problem("L112", words))
    if _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").returncode:
        raise Refusal(Problem("L113", words))
    path = path.replace("\\", "/")
    for blob in (f"{revision}:{path}", f"{revision}:./{path}"):  # from the top of the repository, or from here
        size = _git("cat-file", "-s", blob)
        if not size.returncode and not (found := _git("cat-file", "blob", blob)).returncode:
            if int(size.stdout) > PACK_SIZE:
                raise Refusal(too_large(reference, int(size.stdout), PACK_SIZE))
            return found.stdout
    raise Refusal(Problem("L114", words))


def _git(*arguments: str) -> CompletedProcess[bytes]:
    import subprocess  # noqa: PLC0415  # hardly any command asks git, and start-up does not wait for it

    try:
        return subprocess.run(["git", *arguments], capture_output=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        raise Refusal(Problem("L111", {})) from None


def replace_file(path: AnyPath, data: bytes) -> None:
    """Gives a file new bytes and keeps its mode; whoever reads it meanwhile sees the old or the new ones whole.

    A link stays, and what it leads to is replaced. Raises Refusal.
    """
    import tempfile  # noqa: PLC0415  # hardly any command writes

    target = os.path.realpath(path)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=os.path.dirname(target))
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, os.stat(target).st_mode & 0o7777)
        os.replace(temporary, target)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        raise Refusal(Problem("D107", {"path": os.fspath(path), "reason": why_not(error)})) from None


def create_file(path: AnyPath, data: bytes) -> None:
    """Writes a file that is not there yet; whoever looks meanwhile sees none, or all of it. Raises Refusal."""
    shown = os.fspath(path)
    folder, last = os.path.split(os.path.abspath(path))
    temporary = os.path.join(folder, f".{last}.{os.getpid()}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        try:
            _link(temporary, path, data)
        finally:
            os.unlink(temporary)
    except FileExistsError:
        raise Refusal(Problem("D113", {"path": shown})) from None
    except OSError as error:
        raise Refusal(Problem("D107", {"path": shown, "reason": why_not(error)})) from None


def _link(temporary: str, path: AnyPath, data: bytes) -> None:
    """Gives a whole file its name; unlike a rename, a link never takes the place of a file."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        with open(path, "xb") as file:
            file.write(data)
