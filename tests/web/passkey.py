"""A passkey in software: makes a credential, and answers challenges with it."""

import hashlib
import secrets

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG


class Passkey:
    def __init__(self, origin="http://testserver", host="testserver"):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id, self.origin, self.host, self.uses = secrets.token_bytes(32), origin, host, 0

    def make(self, options, *, verified=True):
        credential = AttestedCredentialData.create(
            Aaguid.NONE, self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = self._data(FLAG.AT, credential, verified=verified)
        client = self._client(CollectedClientData.TYPE.CREATE, options)
        attestation = AttestationObject.create("none", data, {})
        return self._answer(clientDataJSON=websafe_encode(client), attestationObject=websafe_encode(attestation))

    def sign(self, options, *, verified=True, user_handle=None):
        self.uses += 1
        data = self._data(FLAG(0), b"", verified=verified)
        client = self._client(CollectedClientData.TYPE.GET, options)
        signature = self.key.sign(bytes(data) + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=websafe_encode(client), authenticatorData=websafe_encode(data),
            signature=websafe_encode(signature), userHandle=user_handle,
        )  # fmt: skip

    def _data(self, flags, credential, *, verified):
        flags |= FLAG.UP | (FLAG.UV if verified else FLAG(0))
        return AuthenticatorData.create(hashlib.sha256(self.host.encode()).digest(), flags, self.uses, credential)

    def _client(self, kind, options):
        return CollectedClientData.create(kind, options["challenge"], self.origin)

    def _answer(self, **response):
        name = websafe_encode(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}, "response": response}
