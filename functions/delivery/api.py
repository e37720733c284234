"""HTTP → deliveries, their proofs, couriers and their places, how stores deliver, and the customer's page."""

from functions.delivery.inbox.envelope import Envelope
from functions.delivery.resources import (
    actions,
    bookings,
    couriers,
    customer,
    customer_inbox,
    customer_page,
    customer_photo,
    deliveries,
    devices,
    fleet_callbacks,
    fleets,
    inbox,
    numbers,
    positions,
    proofs,
    store_settings,
    tracks,
    unread,
)
from functions.delivery.resources.documents import OrderDelivery
from shared.spine import entry
from shared.spine.http import CHANGE_PROBLEMS, RESOURCE_PROBLEMS, RIGHT_PROBLEMS, Operation, app_maker

DELIVERY = "/v1/deliveries/{delivery}"
PROOF = f"{DELIVERY}/proofs/{{kind}}"
STORE = "/v1/delivery-stores/{store}"
MESSAGES = "/v1/delivery-links/{link}/messages"
FLEETS = "/v1/delivery-fleets"
TRACK = "/v1/tracks/{link}"
# A stranger's page: no signature, so no 401 nor 403.
LINK_PROBLEMS = (404, 422, 500, 503)
PLACES = "/v1/courier-positions"
DEVICE_PROBLEMS = (400, 401, 413, 415, 422, 500, 503)

OSMAND_PROBLEMS = (401, 422, 500, 503)

OPERATIONS = [
    Operation(
        "GET",
        "/v1/deliveries",
        deliveries.list_order_deliveries,
        {200: deliveries.OrderDeliveryPage},
        RESOURCE_PROBLEMS,
        looks=True,
    ),
    Operation("GET", DELIVERY, deliveries.get_order_delivery, {200: OrderDelivery}, RESOURCE_PROBLEMS, looks=True),
    Operation(
        "GET",
        f"{DELIVERY}/trace",
        deliveries.trace_order_delivery,
        {200: deliveries.OrderDeliveryTrace},
        RESOURCE_PROBLEMS,
    ),
    Operation(
        "GET",
        f"{DELIVERY}/track",
        tracks.get_delivery_track,
        {200: tracks.DeliveryTrack},
        RESOURCE_PROBLEMS,
        looks=True,
    ),
    Operation("PUT", f"{DELIVERY}/details", deliveries.change_delivery_details, {200: OrderDelivery}, CHANGE_PROBLEMS),
    Operation("POST", f"{DELIVERY}/actions", actions.act_on_delivery, {200: OrderDelivery}, CHANGE_PROBLEMS),
    Operation("POST", f"{DELIVERY}/proofs", proofs.open_proof, {201: proofs.ProofDocument}, (*CHANGE_PROBLEMS, 410)),
    Operation("POST", f"{PROOF}/uploaded", proofs.settle_proof, {200: proofs.ProofDocument}, CHANGE_PROBLEMS),
    Operation("POST", f"{PROOF}/links", proofs.link_proof, {201: proofs.ProofLink}, (*CHANGE_PROBLEMS, 410)),
    Operation("GET", f"{DELIVERY}/messages", inbox.list_messages, {200: inbox.ConversationPage}, RESOURCE_PROBLEMS),
    Operation("POST", f"{DELIVERY}/messages", inbox.post_message, {201: Envelope}, CHANGE_PROBLEMS),
    Operation("GET", "/v1/inbox", inbox.get_inbox, {200: inbox.InboxPage, 304: None}, (*RESOURCE_PROBLEMS, 410)),
    Operation("GET", "/v1/inbox/snapshot", inbox.get_snapshot, {200: inbox.InboxSnapshot}, RESOURCE_PROBLEMS),
    Operation("GET", "/v1/inbox/unread", unread.get_unread, {200: unread.UnreadConversations}, RESOURCE_PROBLEMS),
    Operation("GET", "/v1/inbox/push-key", devices.get_push_key, {200: devices.PushKey}, RIGHT_PROBLEMS),
    Operation("POST", "/v1/inbox/devices", devices.post_device, {201: devices.InboxDevice}, CHANGE_PROBLEMS),
    Operation(
        "DELETE",
        "/v1/inbox/devices/{device}",
        devices.delete_inbox_device,
        {200: devices.InboxDevice},
        CHANGE_PROBLEMS,
    ),
    Operation("PUT", "/v1/inbox/read", inbox.put_read, {200: inbox.ReadDocument}, CHANGE_PROBLEMS),
    Operation(
        "GET",
        MESSAGES,
        customer_inbox.get_customer_messages,
        {200: inbox.InboxPage, 304: None},
        (404, 409, 410, 422, 503),
        public=True,
    ),
    Operation(
        "POST",
        MESSAGES,
        customer_inbox.post_customer_message,
        {201: Envelope},
        (400, 404, 409, 413, 415, 422, 429, 503),
        public=True,
    ),
    Operation("GET", "/v1/couriers", couriers.list_couriers, {200: couriers.CourierList}, RIGHT_PROBLEMS),
    Operation("PUT", "/v1/couriers/{courier}", couriers.put_courier, {200: couriers.CourierDocument}, CHANGE_PROBLEMS),
    Operation("GET", "/v1/couriers/shift", couriers.get_own_shift, {200: couriers.CourierDocument}, RESOURCE_PROBLEMS),
    Operation(
        "POST", "/v1/couriers/shift", couriers.change_own_shift, {200: couriers.CourierDocument}, CHANGE_PROBLEMS
    ),
    Operation(
        "GET",
        "/v1/delivery-stores",
        store_settings.list_store_settings,
        {200: store_settings.StoreSettingsList},
        RIGHT_PROBLEMS,
    ),
    Operation(
        "GET", STORE, store_settings.get_store_settings, {200: store_settings.StoreSettingsDocument}, RESOURCE_PROBLEMS
    ),
    Operation("GET", f"{STORE}/numbers", numbers.get_numbers, {200: numbers.NumbersDocument}, RESOURCE_PROBLEMS),
    Operation(
        "PUT", STORE, store_settings.put_store_settings, {200: store_settings.StoreSettingsDocument}, CHANGE_PROBLEMS
    ),
    Operation(
        "POST",
        "/v1/couriers/{courier}/device",
        positions.create_device_secret,
        {201: positions.DeviceSecret},
        (*CHANGE_PROBLEMS, 410),
    ),
    Operation("POST", PLACES, positions.post_positions, {200: positions.PositionsTaken}, CHANGE_PROBLEMS, routine=True),
    Operation(
        "POST",
        f"{PLACES}/owntracks",
        positions.post_own_tracks,
        {200: positions.OwnTracksReply},
        DEVICE_PROBLEMS,
        public=True,
        without_body="[]",
    ),
    Operation(
        "POST", f"{PLACES}/traccar", positions.post_traccar, {200: "application/json"}, DEVICE_PROBLEMS, public=True
    ),
    *[
        Operation(
            method, f"{PLACES}/osmand", positions.post_osmand, {200: "application/json"}, OSMAND_PROBLEMS, public=True
        )
        for method in ("GET", "POST")
    ],
    Operation("GET", TRACK, customer.get_track, {200: customer.CustomerView, 304: None}, LINK_PROBLEMS, public=True),
    Operation(
        "GET",
        f"{TRACK}/position",
        customer.get_track_position,
        {200: customer.CustomerPosition, 304: None},
        LINK_PROBLEMS,
        public=True,
    ),
    Operation(
        "POST",
        f"{TRACK}/photo",
        customer_photo.post_customer_photo,
        {201: proofs.ProofLink},
        (*LINK_PROBLEMS, 400, 413, 415),
        public=True,
    ),
    Operation(
        "POST",
        f"{TRACK}/feedback",
        customer.post_feedback,
        {200: customer.FeedbackTaken},
        (*LINK_PROBLEMS, 400, 409, 413, 415),
        public=True,
    ),
    Operation(
        "GET",
        f"{DELIVERY}/fleet-bookings",
        bookings.list_fleet_bookings,
        {200: bookings.FleetBookings},
        RESOURCE_PROBLEMS,
    ),
    Operation("GET", FLEETS, fleets.list_delivery_fleets, {200: fleets.DeliveryFleets}, RIGHT_PROBLEMS),
    Operation(
        "GET", f"{FLEETS}/kinds", fleets.list_delivery_fleet_kinds, {200: fleets.DeliveryFleetKinds}, RIGHT_PROBLEMS
    ),
    Operation("GET", f"{FLEETS}/{{fleet}}", fleets.get_delivery_fleet, {200: fleets.DeliveryFleet}, RESOURCE_PROBLEMS),
    Operation("PUT", f"{FLEETS}/{{fleet}}", fleets.put_delivery_fleet, {200: fleets.DeliveryFleet}, CHANGE_PROBLEMS),
    Operation("GET", "/d/{link}", customer_page.get_customer_page, {200: "text/html"}, LINK_PROBLEMS, public=True),
    Operation(
        "GET",
        "/d/assets/{file}",
        customer_page.get_customer_page_file,
        {200: "text/*"},
        LINK_PROBLEMS,
        public=True,
    ),
]

# Fleets call these, with signatures of their own: they are no part of our API.
CALLBACKS = [
    Operation(
        "POST",
        "/delivery/fleets/{kind}/{fleet}",
        fleet_callbacks.post_fleet_callback,
        {200: "text/plain"},
        (401, 404, 413, 503),
        public=True,
    ),
]

make_app = app_maker("delivery", [*OPERATIONS, *CALLBACKS])
handler = entry.http(make_app)
