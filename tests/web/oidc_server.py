"""A small OpenID provider on loopback: discovery, keys, authorization codes with PKCE, RS256 tokens."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "nachim", "s3cret/+:"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        issuer = self.server.issuer
        if parts.path == "/.well-known/openid-configuration":
            return self._json({
                "issuer": self.server.says or issuer, "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token", "jwks_uri": f"{issuer}/keys",
            })  # fmt: skip
        if parts.path == "/keys":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "one", "use": "sig"}
            return self._json({"keys": [key]})
        if parts.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            code = secrets.token_urlsafe(8)
            self.server.codes[code] = asked
            self.send_response(302)
            self.send_header(
                "Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
            )
            self.end_headers()
            return None
        return self.send_error(404)

    def do_POST(self):
        form = {name: values[0] for name, values in parse_qs(self._body()).items()}
        asked = self.server.codes.pop(form.get("code"), None)  # a code works once
        given = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
        right = [unquote(one) for one in given.split(":")] == [CLIENT, SECRET]
        challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
        kept = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        if (
            asked is None
            or not right
            or kept != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return self.send_error(400)
        now = int(time.time())
        claims = {
            "iss": self.server.issuer, "aud": CLIENT, "sub": "u-1", "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], "email": "Bob@Example.com", "email_verified": True, "name": "Bob",
        } | self.server.claims  # fmt: skip
        token = jwt.encode(claims, self.server.key, self.server.algorithm, headers={"kid": "one"})
        return self._json({"id_token": token, "access_token": "x", "token_type": "Bearer"})

    def _body(self) -> str:
        return self.rfile.read(int(self.headers["Content-Length"])).decode()

    def _json(self, found):
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


def started() -> ThreadingHTTPServer:
    """`claims`, `key`, `algorithm` and `says` are what a test bends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.issuer = f"http://127.0.0.1:{server.server_port}"
    server.codes, server.claims, server.key, server.algorithm, server.says = {}, {}, KEY, "RS256", ""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
