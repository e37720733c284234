"""HTTP → deliveries under /v1/deliveries, couriers under /v1/couriers, and how stores deliver."""

from functions.delivery.resources import actions, couriers, deliveries, store_settings
from functions.delivery.resources.documents import OrderDelivery
from shared.spine import entry
from shared.spine.http import CHANGE_PROBLEMS, RESOURCE_PROBLEMS, RIGHT_PROBLEMS, Operation, app_maker

DELIVERY = "/v1/deliveries/{delivery}"
STORE = "/v1/delivery-stores/{store}"

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
    Operation("PUT", f"{DELIVERY}/details", deliveries.change_delivery_details, {200: OrderDelivery}, CHANGE_PROBLEMS),
    Operation("POST", f"{DELIVERY}/actions", actions.act_on_delivery, {200: OrderDelivery}, CHANGE_PROBLEMS),
    Operation("GET", "/v1/couriers", couriers.list_couriers, {200: couriers.CourierList}, RIGHT_PROBLEMS),
    Operation("PUT", "/v1/couriers/{courier}", couriers.put_courier, {200: couriers.CourierDocument}, CHANGE_PROBLEMS),
    Operation(
        "POST", "/v1/couriers/shift", couriers.change_own_shift, {200: couriers.CourierDocument}, CHANGE_PROBLEMS
    ),
    Operation(
        "GET", STORE, store_settings.get_store_settings, {200: store_settings.StoreSettingsDocument}, RESOURCE_PROBLEMS
    ),
    Operation(
        "PUT", STORE, store_settings.put_store_settings, {200: store_settings.StoreSettingsDocument}, CHANGE_PROBLEMS
    ),
]

make_app = app_maker("delivery", OPERATIONS)
handler = entry.http(make_app)
