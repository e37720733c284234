"""All tags. A new tag is a module and a line here."""

from functions.members.tags import (
    basket,
    category,
    channel,
    churn,
    city,
    daypart,
    discount,
    frequency,
    future_value,
    home_store,
    item,
    lifecycle,
    recency,
    rfm,
    ticket,
    tier,
    weekpart,
)

TAGS = {
    module.TAG.name: module.TAG
    for module in (
        recency, frequency, tier, rfm, ticket, category, item, daypart, weekpart, channel, home_store, city, discount,
        basket, lifecycle, churn, future_value,
    )
}  # fmt: skip
