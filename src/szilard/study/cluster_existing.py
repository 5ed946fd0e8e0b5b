"""A cluster that others keep, reached over TLS with certificates from files."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, is_number
from .cluster import cluster_extra, other_versions
from .record import maker

if TYPE_CHECKING:
    from distributed import Client

File = str | Path | None
OPTIONS = {"tls_ca": "ca-file", "tls_cert": "client.cert", "tls_key": "client.key"}
"""Of each option: where Dask's own settings have it, below distributed.comm.tls."""


@contextmanager
def connected(
    scheduler: str, tls_ca: File = None, tls_cert: File = None, tls_key: File = None, timeout: float = 30.0
) -> Iterator[Client]:
    """A client of the scheduler at tls://HOST:PORT, all of whose workers would make the bits that this process makes.

    The three files, in PEM, are the authority that signed every certificate of the cluster, this client's certificate
    and its key; Dask's own settings (distributed.comm.tls) hold for those not given. timeout: in seconds.
    Raises InputError for an address without TLS, missing or unfit files, a scheduler that does not answer or refuses
    the certificate, and workers with other versions.
    """
    _check_address(scheduler)
    if not (is_number(timeout) and timeout > 0.0):
        raise InputError("timeout", timeout, "must be > 0", "give seconds")
    distributed = cluster_extra("distributed")
    security = _security({"tls_ca": tls_ca, "tls_cert": tls_cert, "tls_key": tls_key})
    with ExitStack() as stack:
        try:
            client: Client = distributed.Client(scheduler, security=security, timeout=timeout, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            rule = f"does not answer, or refuses the certificate ({error})"
            fix = "check the address, and that one authority signed both certificates"
            raise InputError("scheduler", scheduler, rule, fix) from None
        stack.enter_context(client)
        _check_versions(client)
        yield client


def _check_address(scheduler: str) -> None:
    if re.fullmatch(r"tls://(\[[0-9A-Fa-f:.%\w]+\]|[\w.-]+):[0-9]{1,5}", scheduler):
        return
    if scheduler.startswith("tls://"):
        raise InputError("scheduler", scheduler, "must be tls://HOST:PORT", "for instance tls://node1:8786")
    rule = "must begin with tls://: without certificates anyone who reaches the port could run code as you"
    raise InputError("scheduler", scheduler, rule, "start the scheduler with --protocol tls:// and certificates")


def _security(given: dict[str, File]) -> Any:
    dask, distributed = cluster_extra("dask"), cluster_extra("distributed")
    files: dict[str, str] = {}
    for option, setting in OPTIONS.items():
        of = dask.config.get(f"distributed.comm.tls.{setting}", None)
        found = given[option] if given[option] is not None else of
        if found is None:
            fix = f"give --{option.replace('_', '-')} FILE, or distributed.comm.tls.{setting} in Dask's settings"
            raise InputError(option, "nothing", "is required", fix)
        files[option] = str(found)
    for option, path in files.items():
        if not os.access(path, os.R_OK) or not os.path.isfile(path):
            raise InputError(option, path, "must be a file that can be read", "check the path")
    _check_private(Path(files["tls_key"]))
    try:
        context = ssl.create_default_context(cafile=files["tls_ca"])
        context.load_cert_chain(files["tls_cert"], files["tls_key"], password=_no_password)
    except (ssl.SSLError, OSError, ValueError) as error:
        rule = f"must be PEM files, the key that of the certificate and without a password ({error})"
        raise InputError("tls_ca, tls_cert, tls_key", ", ".join(files.values()), rule, "see docs/cluster.md") from None
    return distributed.Security(
        require_encryption=True,
        tls_ca_file=files["tls_ca"],
        tls_client_cert=files["tls_cert"],
        tls_client_key=files["tls_key"],
    )


def _no_password() -> str:
    raise ValueError("the key is encrypted")


def _check_private(key: Path) -> None:
    """As ssh does: a key that is mine and that others can read is no secret."""
    status = key.stat()
    if os.name == "posix" and status.st_uid == os.geteuid() and status.st_mode & 0o077:
        got = f"{key}, mode {status.st_mode & 0o777:03o}"
        raise InputError("tls_key", got, "must be readable by you alone", f"chmod 600 {key}")


def _check_versions(client: Any) -> None:
    """A worker that comes later is asked when it takes its first run."""
    try:
        found = client.run(_made_by, on_error="return")
    except (OSError, TimeoutError) as error:
        raise InputError("scheduler", str(error), "the connection to it is lost", "try again") from None
    for worker, made_by in found.items():
        if isinstance(made_by, BaseException):
            rule = f"has no szilard ({type(made_by).__name__}: {made_by})"
            raise InputError("workers", worker, rule, "install the same versions on both sides")
        if made_by != maker():
            raise other_versions(worker, made_by)


def _made_by() -> str:
    return maker()
