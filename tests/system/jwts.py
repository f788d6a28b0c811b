"""JWTs that somebody else signed: who shows one comes in as whom it names, in all dialects; the wrong ones do not; the key
is read again. They are made by Python and the openssl program."""

import base64
import calendar
import hashlib
import hmac
import json
import os
import signal
import subprocess
import tempfile
import time

from passwords import DIALECTS, answer_of
from tokens import exchanged, listed
from server import ROOMS, Server, check, configuration, run
from wire import Wire

REFUSED = {"mixer": "UNOTFOUND", "concord": 401, "rooms": 401, "simple": 401}
SECRET = "0123456789abcdef0123456789abcdef"
KINDS = {"RS256": ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"), "ES256": ("EC", "-pkeyopt", "ec_paramgen_curve:P-256")}
ALGORITHMS = ("HS256", *KINDS)


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def make_key(algorithm):
    """The private one as PEM, and what the server is given."""
    if algorithm == "HS256":
        return SECRET, SECRET + "\n"
    private = openssl("genpkey", "-algorithm", *KINDS[algorithm])
    return private.decode(), openssl("pkey", "-pubout", data=private).decode()


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number_of(der, at):
    """The integer there, as 32 bytes, and where the next one begins."""
    length = der[at + 1]
    return der[at + 2:at + 2 + length].lstrip(b"\0").rjust(32, b"\0"), at + 2 + length


def signature_of(text, algorithm, key):
    if algorithm == "HS256":
        return hmac.new(key.encode(), text, hashlib.sha256).digest()
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(key)
        file.flush()
        der = openssl("dgst", "-sha256", "-sign", file.name, data=text)
    if algorithm == "RS256":
        return der
    first, at = number_of(der, 2)
    return first + number_of(der, at)[0]


def sign(key, algorithm, header=None, **claims):
    now = int(time.time())
    told = {"iss": "https://id.example", "aud": "chat", "sub": "ann", "exp": now + 3600, **claims}
    parts = [base64url(json.dumps(each).encode())
             for each in (header or {"alg": algorithm, "typ": "JWT"},
                          {name: value for name, value in told.items() if value is not None})]
    text = ".".join(parts)
    return f"{text}.{base64url(signature_of(text.encode(), algorithm, key))}"


def config(algorithm, more="", logins='[ "jwt", "account", "guest" ]', name="key"):
    mounts = ", ".join(f'{{ path = "/{dialect}"; dialect = "{dialect}"; logins = {logins}; '
                       f'jwt_algorithm = "{algorithm}"; jwt_key_file = "{name}";\njwt_issuer = "https://id.example"; '
                       f'jwt_audience = "chat"; jwt_roles = "groups"; {more} }}' for dialect in DIALECTS)
    accounts = '( { name = "bob"; number = 7; secret_file = "bob.secret"; } )'
    return configuration("connections_per_address = 0; failed_logins = 0;", mounts=f"( {mounts} )", accounts=accounts,
                         more='control = "control"; state = "state"; ')


def server_with(algorithm, public, **more):
    server = Server(config(algorithm, **more))
    for name, text in (("key", public), ("bob.secret", "sesame\n")):
        server.write(name, text)
        os.chmod(os.path.join(server.folder.name, name), 0o600)
    return server


def comes_in(server, token, right=True, name="ann"):
    for dialect in DIALECTS:
        server.settled(lambda counters: counters["connections"]["open"] == 0)
        said = answer_of(server, dialect, name, token, 1)
        check(said == (right or REFUSED[dialect]), f"{dialect}: {said}")
    for path in (f"/concord?token={token}", f"/rooms?key={token}"):
        with Wire(server.port) as wire:
            status = wire.request(path, within=30).status
        check(status == (101 if right else 401), f"{path}: {status}")


def who_is_there(server, path):
    """As whom somebody comes in by it."""
    server.settled(lambda counters: counters["connections"]["open"] == 0)
    with Wire(server.port) as wire:
        wire.upgrade(path)
        status, said, errors = run("who", "--json", "-c", os.path.join(server.folder.name, "dragoman.cfg"))
        check(status == 0, errors)
        row, = json.loads(said)["rows"]
    return row["name"], row["number"], row["rooms"][0]["roles"]


def jwts_come_in():
    """By each algorithm; the wrong, expired, forged, those of nobody's and of other algorithms do not."""
    for algorithm in ALGORITHMS:
        key, public = make_key(algorithm)
        other, _ = make_key(algorithm) if algorithm != "HS256" else (SECRET[::-1], None)
        now = int(time.time())
        with server_with(algorithm, public) as server:
            comes_in(server, sign(key, algorithm))
            name, number, roles = who_is_there(server, f"/concord?token={sign(key, algorithm, groups=['mod', 'x'])}")
            check(name == "ann" and number < 1 << 30 and roles == ["user", "mod"], f"{name} {number} {roles}")
            check(who_is_there(server, f"/rooms?key={sign(key, algorithm)}")[:2] == (name, number), "the same number")
            for wrong in (sign(other, algorithm), sign(key, algorithm, exp=now - 60), sign(key, algorithm, exp=None),
                          sign(key, algorithm, nbf=now + 600), sign(key, algorithm, iss="https://other.example"),
                          sign(key, algorithm, aud="mail"), sign(key, algorithm, aud=None),
                          sign(key, algorithm, sub=None), sign(key, algorithm)[:-6],
                          sign(key, algorithm, header={"alg": "none"}),
                          sign(public, "HS256", header={"alg": "HS256"}) if algorithm != "HS256"
                          else sign(key, "HS256", header={"alg": "RS256"}),
                          ".".join(sign(key, algorithm, header={"alg": "none"}).split(".")[:2]) + "."):
                comes_in(server, wrong, False)
            check(answer_of(server, "simple", "carol", sign(key, algorithm), 0) == 401, "another name beside it")
            check("eyJ" not in server.log_text(), "a token is in the log")


def names_of_accounts():
    """An account's name is refused, or is that account, as jwt_accounts says."""
    key, public = make_key("ES256")
    with server_with("ES256", public) as server:
        with Wire(server.port) as wire:
            status = wire.request(f"/concord?token={sign(key, 'ES256', sub='bob')}").status
        check(status == 401, f"{status}")
        check(answer_of(server, "concord", "bob", "sesame", 7) is True, "by the secret")
    with server_with("ES256", public, more="jwt_accounts = true;") as server:
        check(who_is_there(server, f"/concord?token={sign(key, 'ES256', sub='BOB')}") == ("bob", 7, ["user"]), "bob")
        check(who_is_there(server, f"/rooms?key={sign(key, 'ES256', sub='ann')}")[0] == "ann", "ann")


def keys_are_renewed():
    """HUP: tokens by the new key come in, those by the old one do not; a file that is none changes nothing."""
    key, public = make_key("RS256")
    new, new_public = make_key("RS256")
    with server_with("RS256", public) as server:
        comes_in(server, sign(key, "RS256"))
        server.write("key", make_key("ES256")[1])
        server.process.send_signal(signal.SIGHUP)
        server.logged("the key of JWTs was not reloaded, the old one stays")
        comes_in(server, sign(key, "RS256"))
        server.write("key", new_public)
        server.process.send_signal(signal.SIGHUP)
        server.logged("the key of JWTs reloaded", times=len(DIALECTS))
        comes_in(server, sign(key, "RS256"), False)
        comes_in(server, sign(new, "RS256"))


def keys_are_checked():
    """What cannot be used is refused by check and run, with file and line; so are rooms of one id."""
    rsa, rsa_public = make_key("RS256")
    _, ec_public = make_key("ES256")
    weak = openssl("pkey", "-pubout", data=openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"))
    for algorithm, text, mode, words in (
            ("RS256", ec_public, 0o600, "RS256 needs an RSA key"),
            ("RS256", weak.decode(), 0o600, "RS256 needs an RSA key of 2048 to 8192 bits"),
            ("ES256", rsa_public, 0o600, "ES256 needs a key of the curve P-256"),
            ("RS256", rsa, 0o600, "has a private key"), ("HS256", SECRET + "\n", 0o644, "is open to others"),
            ("HS256", SECRET[1:] + "\n", 0o600, "has a secret of 31 bytes"), ("ES256", None, 0o600, "cannot be read")):
        server = server_with(algorithm, text or "")
        path = os.path.join(server.folder.name, "key")
        os.chmod(path, mode)
        if text is None:
            os.unlink(path)
        for command in ("check", "run"):
            code, out, err = run(command, "-c", os.path.join(server.folder.name, "dragoman.cfg"))
            check(code == 78 and words in err and "dragoman.cfg:" in err and ": error: " in err,
                  f"{algorithm}, {words}: {code}: {out}{err}")
        server.folder.cleanup()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "d.cfg")
        for rooms, words in (
                (ROOMS[:-1] + ', { name = "b"; mixer = 1; } )', "mixer 1 is taken by the room in line"),
                (ROOMS[:-1] + ', { name = "b"; rooms = "5F0C7A5E-93B4-4B17-8C2F-9C4A8EA95123"; } )', "is taken by the room")):
            mounts = '( { path = "/mixer"; dialect = "mixer"; room = "lobby"; } )'
            with open(path, "w", encoding="ascii") as file:
                file.write(configuration(rooms=rooms, mounts=mounts))
            code, out, err = run("check", "-c", path)
            check(code == 78 and words in err and f"{path}:" in err, f"{rooms}: {code}: {out}{err}")


def keys_end_with_jwts():
    """What is given for a JWT does not outlast it: mixer's keys, nor concord's tokens."""
    private, public = make_key("HS256")
    with server_with("HS256", public) as server:
        shown = sign(private, "HS256", exp=int(time.time()) + 600)
        key, seconds = exchanged(server, grant_type="authorization_code", code=shown)
        check(590 < seconds <= 600, f"of a JWT for ten minutes: {seconds}")
        check(exchanged(server, grant_type="refresh_token", refresh_token=key)[1] <= seconds, "it is renewed")
        with Wire(server.port) as wire:
            wire.send(f"GET /api/tokens/recycle HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                      f"Authorization: Bearer {shown}\r\n\r\n".encode())
            wire.read(lambda data: b'{"token":"dgm_' in data)
        row, = listed(server)
        expires = calendar.timegm(time.strptime(row["expires"], "%Y-%m-%dT%H:%M:%SZ"))
        check(abs(expires - time.time() - seconds) < 20, f"{row}")


SCENARIOS = [jwts_come_in, names_of_accounts, keys_are_renewed, keys_are_checked, keys_end_with_jwts]
