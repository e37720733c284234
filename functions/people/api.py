"""HTTP → people who sign in: sessions, accounts, roles, API keys, and the record of what people did."""

from functions.people.passkeys.options import CreationOptions, RequestOptions
from functions.people.resources import (
    audit,
    clients,
    credentials,
    links,
    passkey_sign_in,
    passkeys,
    people,
    provider,
    provider_sign_in,
    session,
    sign_in,
)
from functions.people.resources.audit import AuditPage
from functions.people.resources.clients import ClientDocument, ClientPage, ClientSecretDocument, NewClientDocument
from functions.people.resources.credentials import PasswordChanged, TotpEnabled, TotpSecret, TotpState
from functions.people.resources.links import LinkDocument, LinkMade
from functions.people.resources.passkeys import PasskeyDocument, PasskeyList, PasskeyRemoved
from functions.people.resources.people import (
    NewPersonDocument,
    PasskeysRemoved,
    PeoplePage,
    PersonDocument,
    TotpRemoved,
)
from functions.people.resources.provider import ProviderDeleted, ProviderDocument
from functions.people.resources.provider_sign_in import ProviderAddress
from functions.people.resources.session import SessionEnded, SessionList, SessionsEnded
from functions.people.resources.session_document import SessionDocument
from shared.spine import entry
from shared.spine.http import CHANGE_PROBLEMS, RESOURCE_PROBLEMS, RIGHT_PROBLEMS, Operation, app_maker

SIGN_IN_PROBLEMS = (400, 401, 403, 413, 415, 422, 429, 500, 503)
STALE, SECRET_GONE = 412, 410
SESSION, SESSIONS, TOTP = "/v1/session", "/v1/sessions", "/v1/session/totp"
PASSKEYS = f"{SESSION}/passkeys"
PEOPLE, CLIENTS, PROVIDER = "/v1/people", "/v1/clients", "/v1/identity-provider"
PERSON, CLIENT = f"{PEOPLE}/{{person}}", f"{CLIENTS}/{{client}}"
LINK_PROBLEMS = (*SIGN_IN_PROBLEMS, SECRET_GONE)
SECRET_PROBLEMS = (*CHANGE_PROBLEMS, SECRET_GONE)

OPERATIONS = [
    Operation("POST", SESSIONS, sign_in.sign_in, {201: SessionDocument}, SIGN_IN_PROBLEMS, public=True),
    Operation(
        "POST",
        f"{SESSIONS}/provider",
        provider_sign_in.begin_at_provider,
        {201: ProviderAddress},
        (*SIGN_IN_PROBLEMS, 404),
        public=True,
    ),
    Operation(
        "POST",
        f"{SESSIONS}/provider/end",
        provider_sign_in.end_at_provider,
        {201: SessionDocument},
        (*SIGN_IN_PROBLEMS, 404),
        public=True,
    ),
    Operation(
        "POST",
        f"{SESSIONS}/passkey",
        passkey_sign_in.begin_passkey_sign_in,
        {201: RequestOptions},
        SIGN_IN_PROBLEMS,
        public=True,
    ),
    Operation(
        "POST",
        f"{SESSIONS}/passkey/end",
        passkey_sign_in.end_passkey_sign_in,
        {201: SessionDocument},
        SIGN_IN_PROBLEMS,
        public=True,
    ),
    Operation("GET", SESSIONS, session.list_sessions, {200: SessionList}, RIGHT_PROBLEMS),
    Operation("DELETE", SESSIONS, session.end_other_sessions, {200: SessionsEnded}, CHANGE_PROBLEMS),
    Operation("DELETE", f"{SESSIONS}/{{session}}", session.end_other_session, {200: SessionEnded}, CHANGE_PROBLEMS),
    Operation("GET", SESSION, session.get_session, {200: SessionDocument}, RIGHT_PROBLEMS),
    Operation("PATCH", SESSION, session.change_profile, {200: SessionDocument}, CHANGE_PROBLEMS),
    Operation("DELETE", SESSION, session.end_session, {200: SessionEnded}, RIGHT_PROBLEMS),
    Operation("POST", f"{SESSION}/password", credentials.change_password, {200: PasswordChanged}, CHANGE_PROBLEMS),
    Operation("GET", TOTP, credentials.get_totp, {200: TotpState}, RIGHT_PROBLEMS),
    Operation("POST", TOTP, credentials.begin_totp, {201: TotpSecret}, SECRET_PROBLEMS),
    Operation("POST", f"{TOTP}/confirm", credentials.confirm_totp, {200: TotpEnabled}, SECRET_PROBLEMS),
    Operation("POST", f"{TOTP}/remove", credentials.remove_totp, {200: TotpState}, CHANGE_PROBLEMS),
    Operation("GET", PASSKEYS, passkeys.list_passkeys, {200: PasskeyList}, RIGHT_PROBLEMS),
    Operation("POST", PASSKEYS, passkeys.add_passkey, {201: PasskeyDocument}, CHANGE_PROBLEMS),
    Operation("POST", f"{PASSKEYS}/begin", passkeys.begin_passkey, {201: CreationOptions}, CHANGE_PROBLEMS),
    Operation("DELETE", f"{PASSKEYS}/{{passkey}}", passkeys.remove_passkey, {200: PasskeyRemoved}, CHANGE_PROBLEMS),
    Operation("POST", "/v1/links/open", links.open_link, {200: LinkDocument}, LINK_PROBLEMS, public=True),
    Operation("POST", "/v1/links/use", links.use_link, {201: SessionDocument}, LINK_PROBLEMS, public=True),
    Operation("GET", PEOPLE, people.list_people, {200: PeoplePage}, RIGHT_PROBLEMS),
    Operation("POST", PEOPLE, people.invite_person, {201: NewPersonDocument}, SECRET_PROBLEMS),
    Operation("GET", PERSON, people.get_person, {200: PersonDocument}, RESOURCE_PROBLEMS),
    Operation("PATCH", PERSON, people.change_person, {200: PersonDocument}, (*CHANGE_PROBLEMS, STALE)),
    Operation("POST", f"{PERSON}/links", people.make_link, {201: LinkMade}, SECRET_PROBLEMS),
    Operation("DELETE", f"{PERSON}/sessions", people.end_sessions_of_person, {200: SessionsEnded}, CHANGE_PROBLEMS),
    Operation("DELETE", f"{PERSON}/totp", people.remove_totp_of_person, {200: TotpRemoved}, CHANGE_PROBLEMS),
    Operation(
        "DELETE", f"{PERSON}/passkeys", people.remove_passkeys_of_person, {200: PasskeysRemoved}, CHANGE_PROBLEMS
    ),
    Operation("GET", CLIENTS, clients.list_clients, {200: ClientPage}, RIGHT_PROBLEMS),
    Operation("POST", CLIENTS, clients.create_client, {201: NewClientDocument}, SECRET_PROBLEMS),
    Operation("GET", CLIENT, clients.get_client, {200: ClientDocument}, RESOURCE_PROBLEMS),
    Operation("POST", f"{CLIENT}/secrets", clients.rotate_client, {201: ClientSecretDocument}, SECRET_PROBLEMS),
    Operation("DELETE", CLIENT, clients.end_client, {200: ClientDocument}, CHANGE_PROBLEMS),
    Operation("GET", PROVIDER, provider.get_provider, {200: ProviderDocument}, RESOURCE_PROBLEMS),
    Operation("PUT", PROVIDER, provider.put_provider, {200: ProviderDocument}, CHANGE_PROBLEMS),
    Operation("DELETE", PROVIDER, provider.end_provider, {200: ProviderDeleted}, CHANGE_PROBLEMS),
    Operation("GET", "/v1/audit", audit.list_audit, {200: AuditPage}, RIGHT_PROBLEMS),
]

make_app = app_maker("people", OPERATIONS)
handler = entry.http(make_app)
