"""`relay cert [NAME...]`: a certificate authority of the shop's own, and a certificate for this machine.

Agents' browsers must trust the authority once (`docs/https.md` has the page to hand out). Laws:
* The authority's key is made once and only ever signs what this command makes; it may be taken off the machine after.
* An authority that is there is kept, so that a new certificate needs no new trust. Keys are the owner's alone (600).
"""

import ipaddress
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from relay.cli.place import config_option, read_config
from relay.cli.stop import stop

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

CA_DAYS, DAYS = 3650, 397
"""Browsers take no longer than 398 days from a certificate, and any from an authority."""
ALWAYS: Final = ("localhost", "127.0.0.1", "::1")


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to write; default: tls beside config.toml.")
@config_option
def cert(names: tuple[str, ...], folder: Path | None, config_path: Path) -> None:
    """Make a certificate for this machine under these NAMEs or addresses (default: its own). 生成 HTTPS 证书。"""
    folder = folder or read_config(config_path).path.parent / "tls"
    wanted = list(dict.fromkeys([*(names or _own_names()), *ALWAYS]))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority, key = _authority(folder / "ca.pem", folder / "ca.key")
        _certificate(folder / "relay.pem", folder / "relay.key", wanted, authority, key)
    except (OSError, ValueError) as error:
        stop(f"{folder}: 无法生成证书 / the certificate could not be made: {error}")
    click.echo(_NEXT.format(folder=folder, names=", ".join(wanted), days=DAYS))


def _own_names() -> list[str]:
    """This machine's name, and the address by which it reaches the network (nothing is sent to find it)."""
    found = [socket.gethostname()]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            found.append(probe.getsockname()[0])
        except OSError:
            pass
    return found


def _authority(path: Path, key_path: Path) -> "tuple[x509.Certificate, EllipticCurvePrivateKey]":
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if path.exists() and key_path.exists():
        known = load_pem_private_key(key_path.read_bytes(), None)
        if not isinstance(known, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{key_path}")
        return x509.load_pem_x509_certificate(path.read_bytes()), known
    if path.exists():
        raise ValueError(
            f"{key_path}: 私钥不在，请放回或换一个文件夹 / the key is not there; put it back, or use --folder"
        )
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"relay {socket.gethostname()}")
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    made = (
        _begun(name, name, key, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(key_path, _private(key), secret=True)
    _write(path, _pem(made))
    return made, key


def _certificate(
    path: Path, key_path: Path, names: list[str], authority: "x509.Certificate", by: "EllipticCurvePrivateKey"
) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _begun(_name(names[0]), authority.subject, key, DAYS)
        .add_extension(x509.SubjectAlternativeName([_general(one) for one in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .sign(by, hashes.SHA256())
    )
    _write(key_path, _private(key), secret=True)
    _write(path, _pem(made) + _pem(authority))


def _begun(
    subject: "x509.Name", issuer: "x509.Name", key: "EllipticCurvePrivateKey", days: int
) -> "x509.CertificateBuilder":
    from cryptography import x509

    from relay.runtime.system import SystemClock

    now = datetime.fromtimestamp(SystemClock().now() // 1000, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # a clock of the network may be slow
        .not_valid_after(now + timedelta(days=days))
    )


def _name(text: str) -> "x509.Name":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _general(name: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private(key: "EllipticCurvePrivateKey") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _pem(made: "x509.Certificate") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return made.public_bytes(Encoding.PEM)


def _write(path: Path, content: bytes, secret: bool = False) -> None:
    """Whole or not at all: a new file that takes the place of the old one."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644), "wb") as file:
        file.write(content)
    part.replace(path)


_NEXT = """\
已生成（有效 {days} 天）：{names}
  {folder}/relay.pem, relay.key   写入 config.toml：[http] certificate、key，然后重启
  {folder}/ca.pem                 发给每台客服电脑，安装为受信任的根证书（步骤见 docs/https.md）
  {folder}/ca.key                 请移到 U 盘保存；续期时放回
Made (valid for {days} days): {names}
  relay.pem, relay.key   name them in config.toml, [http] certificate and key; then restart
  ca.pem                 install it on each agent's computer as a trusted root (docs/https.md)
  ca.key                 keep it off this machine; it is needed for the next certificate"""
