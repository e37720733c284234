"""The check of passkeys by py_webauthn. Import it late: it takes 300 ms to load.

WebAuthn Level 3, sections 7.1 and 7.2. The person must have been verified by the device, so a passkey is two factors.
"""

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers.cose import COSEAlgorithmIdentifier

from functions.people.passkeys.answer import Assertion, NewCredential, as_webauthn
from functions.people.passkeys.base64url import decoded
from functions.people.passkeys.options import ALGORITHMS
from functions.people.passkeys.page_address import PageAddress
from functions.people.passkeys.passkey import Credential, refused_passkey

_ALGORITHMS = [COSEAlgorithmIdentifier(number) for number in ALGORITHMS]


def new_credential(answer: NewCredential, challenge: str, page: PageAddress) -> Credential:
    """The credential that the browser has made for this challenge on this page. Raises `Rejected` (401)."""
    try:
        checked = verify_registration_response(
            credential=as_webauthn(answer),
            expected_challenge=decoded(challenge),
            expected_rp_id=page.domain,
            expected_origin=page.origin,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
    # A crafted answer fails in the library's, in CBOR's or in the key's own way.
    except Exception:  # noqa: BLE001
        raise refused_passkey() from None
    return Credential(
        checked.credential_id, checked.credential_public_key, checked.sign_count, checked.credential_backed_up
    )


def new_sign_count(answer: Assertion, challenge: str, page: PageAddress, credential: Credential) -> int:
    """How often the credential was used now. Raises `Rejected` (401), also when the count did not grow.

    A count that goes back is a copied key. A device that does not count sends 0 each time.
    """
    try:
        checked = verify_authentication_response(
            credential=as_webauthn(answer),
            expected_challenge=decoded(challenge),
            expected_rp_id=page.domain,
            expected_origin=page.origin,
            credential_public_key=credential.public_key,
            credential_current_sign_count=credential.sign_count,
            require_user_verification=True,
        )
    # As above.
    except Exception:  # noqa: BLE001
        raise refused_passkey() from None
    return checked.new_sign_count
