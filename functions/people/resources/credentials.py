"""/v1/session/password and /v1/session/totp: the password and the authenticator of the person who is signed in."""

from http import HTTPStatus

from functions.people.resources.codes import spend_step, wrong_code
from functions.people.resources.proof import prove_password, require_good_password, spend_code_if_needed
from functions.people.resources.session_document import signed_in
from functions.people.resources.sign_in import Code, Password
from functions.people.sign_in import totp
from functions.people.tables.factors import (
    count_recovery_codes,
    delete_factor,
    insert_recovery_codes,
    read_factor,
    replace_factor,
)
from functions.people.tables.people import update_password
from shared.contracts.models import Input, Output
from shared.kit import passwords
from shared.spine import sessions
from shared.spine.auth import cipher
from shared.spine.errors import Conflict
from shared.spine.http import Call, Reply


class PasswordChange(Input):
    """The password of before, and the new one. `code` is for an account with an authenticator."""

    password: Password
    new_password: Password
    code: Code | None = None


class PasswordProof(Input):
    """The password once more, since a page that was left open must not change how to sign in."""

    password: Password


class CodeProof(Input):
    """A code of the authenticator."""

    code: Code


class TotpRemoval(Input):
    """Both proofs."""

    password: Password
    code: Code


class PasswordChanged(Output):
    """How many other sessions of the person have ended."""

    ended: int


class TotpState(Output):
    """Whether the account has an authenticator, and how many recovery codes are left."""

    enabled: bool
    recovery_codes: int


class TotpSecret(Output):
    """A new authenticator's secret in base32, and the address for a QR code. It is in use after its first code."""

    secret: str
    uri: str


class TotpEnabled(Output):
    """Codes for a lost authenticator. Each is good once. They are shown in this reply alone."""

    recovery_codes: list[str]


def change_password(call: Call, body: PasswordChange) -> Reply:
    """Change the own password. All other sessions end."""
    account = prove_password(call, body.password)
    require_good_password(body.new_password, account, "new_password")
    hashed = passwords.hash_of(body.new_password)
    with call.once() as (work, stored):
        spend_code_if_needed(call.env, work, account.id, body.code)
        update_password(work, account.id, hashed)
        ended = sessions.delete_sessions_of_person(work, account.id, but=signed_in(call.client).session)
        stored.reply = PasswordChanged(ended=ended).model_dump_json()
    return Reply(stored.reply)


def get_totp(call: Call) -> Reply:
    """Whether the account has an authenticator."""
    person = signed_in(call.client)
    with call.env.db.transaction() as transaction:
        factor = read_factor(transaction, person.id)
        codes = count_recovery_codes(transaction, person.id)
    return Reply(TotpState(enabled=factor is not None and factor.confirmed_at is not None, recovery_codes=codes))


def begin_totp(call: Call, body: PasswordProof) -> Reply:
    """Make the secret of an authenticator. An account that has one removes it first."""
    account = prove_password(call, body.password)
    secret = totp.new_secret()
    with call.once() as (work, stored):
        factor = read_factor(work, account.id, lock=True)
        if factor is not None and factor.confirmed_at is not None:
            raise Conflict("totp_enabled", "the account has an authenticator: remove it first")
        now = call.env.clock()
        replace_factor(work, account.id, cipher(call.env.keyring()).encrypt(secret), now)
        stored.status, stored.secret_until = HTTPStatus.CREATED, now + sessions.NOTED_EVERY
        stored.reply = TotpSecret(secret=totp.text_of(secret), uri=totp.uri_of(secret, account.email)).model_dump_json()
    return Reply(stored.reply, stored.status)


def confirm_totp(call: Call, body: CodeProof) -> Reply:
    """The first code of the authenticator: from now on each sign-in needs one."""
    person = signed_in(call.client)
    codes = totp.new_recovery_codes()
    with call.once() as (work, stored):
        factor = read_factor(work, person.id, lock=True)
        if factor is None or factor.confirmed_at is not None:
            raise Conflict("totp_not_begun", "no authenticator waits for its first code")
        if not spend_step(call.env, work, person.id, factor, body.code):
            raise wrong_code()
        insert_recovery_codes(work, person.id, [totp.plain_recovery_code(code) for code in codes])
        stored.secret_until = call.env.clock() + sessions.NOTED_EVERY
        stored.reply = TotpEnabled(recovery_codes=codes).model_dump_json()
    return Reply(stored.reply)


def remove_totp(call: Call, body: TotpRemoval) -> Reply:
    """Remove the authenticator and its recovery codes."""
    account = prove_password(call, body.password)
    with call.once() as (work, stored):
        spend_code_if_needed(call.env, work, account.id, body.code)
        delete_factor(work, account.id)
        stored.reply = TotpState(enabled=False, recovery_codes=0).model_dump_json()
    return Reply(stored.reply)
