"""HTTP → endpoints of integrators, their secrets and their deliveries under /v1/webhooks."""

from functions.webhooks.resources import deliveries, endpoints, secrets
from functions.webhooks.resources.deliveries import Deliveries, Redelivered, TestSent
from functions.webhooks.resources.endpoints import NewWebhookDocument, WebhookDeleted, WebhookDocument, Webhooks
from functions.webhooks.resources.secrets import SecretDocument
from shared.spine import entry
from shared.spine.http import CHANGE_PROBLEMS, RESOURCE_PROBLEMS, SIGNED_PROBLEMS, Operation, app_maker

WEBHOOKS = "/v1/webhooks"
WEBHOOK = f"{WEBHOOKS}/{{webhook}}"
STALE = 412
SECRET_GONE = 410

OPERATIONS = [
    Operation("POST", WEBHOOKS, endpoints.create_webhook, {201: NewWebhookDocument}, (*CHANGE_PROBLEMS, SECRET_GONE)),
    Operation("GET", WEBHOOKS, endpoints.list_webhooks, {200: Webhooks}, SIGNED_PROBLEMS),
    Operation("GET", WEBHOOK, endpoints.get_webhook, {200: WebhookDocument}, RESOURCE_PROBLEMS),
    Operation("PUT", WEBHOOK, endpoints.change_webhook, {200: WebhookDocument}, (*CHANGE_PROBLEMS, STALE)),
    Operation("DELETE", WEBHOOK, endpoints.delete_webhook, {200: WebhookDeleted}, CHANGE_PROBLEMS),
    Operation(
        "POST", f"{WEBHOOK}/secrets", secrets.rotate_secret, {201: SecretDocument}, (*CHANGE_PROBLEMS, SECRET_GONE)
    ),
    Operation("GET", f"{WEBHOOK}/deliveries", deliveries.list_deliveries, {200: Deliveries}, RESOURCE_PROBLEMS),
    Operation("POST", f"{WEBHOOK}/redeliveries", deliveries.redeliver, {202: Redelivered}, CHANGE_PROBLEMS),
    Operation("POST", f"{WEBHOOK}/tests", deliveries.send_test, {202: TestSent}, CHANGE_PROBLEMS),
]

make_app = app_maker("webhooks", OPERATIONS)
handler = entry.http(make_app)
