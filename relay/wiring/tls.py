"""HTTPS: the certificate of the listening socket, and how this machine's own command line trusts it."""

import ssl

from relay.config.tables import HttpTable
from relay.errors import BadInputError


def server_context(http: HttpTable) -> ssl.SSLContext | None:
    """The context of the listening socket; None for plain HTTP. Raises BadInputError that names the file."""
    if http.certificate is None and http.key is None:
        return None
    if http.certificate is None or http.key is None:
        raise BadInputError(
            "[http] certificate 和 key 须同时填写 / certificate and key belong together; name both or neither"
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for path in (http.certificate, http.key):
        if not path.is_file():
            raise BadInputError(f"{path}: 没有这个文件；relay cert 可生成证书 / no such file; `relay cert` makes one")
    try:
        context.load_cert_chain(http.certificate, http.key)
    except (ssl.SSLError, OSError) as error:
        raise BadInputError(
            f"{http.certificate}: 证书或私钥无法使用 / certificate or key cannot be used: {error}"
        ) from None
    return context


def client_context(http: HttpTable) -> ssl.SSLContext | None:
    """How the command line of this machine knows the service: by its very certificate, under whatever name."""
    if http.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(http.certificate)
    return context
