"""An https address in front of a server that speaks http, as a proxy in front of Turnpike would be."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"


def certificate(directory):
    """A new certificate for 127.0.0.1, which vouches for itself; the file has its key too."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = f"{directory}/tls.pem"
    with open(file, "wb") as out:
        out.write(secret + built.public_bytes(pem))
    return file


def pump(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class Front:
    """Listens on a free port; answers whatever the server behind `target` answers."""

    def __init__(self, certificate):
        self.listener = socket.create_server((HOST, 0))
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(certificate)
        self.url = f"https://{HOST}:{self.listener.getsockname()[1]}"
        self.target = None

    def serve(self, target):
        self.target = target
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.relay, args=(connection,), daemon=True).start()

    def relay(self, connection):
        try:
            secured = self.context.wrap_socket(connection, server_side=True)
            behind = socket.create_connection(self.target)
        except OSError:
            return connection.close()
        back = threading.Thread(target=pump, args=(behind, secured), daemon=True)
        back.start()
        pump(secured, behind)
        back.join()
        secured.close()
        behind.close()
