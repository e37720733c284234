"""Every tag of every member in one go, by DuckDB, from docs/guide/tags.md and not from the functions.

`purchases(member, basket, store, day, hour, city, channel, currency, net, discounted, pieces)` and
`pieces(member, category, item, quantity)` are those that count; `today` is a date.
"""
# ruff: noqa: E501 - the definitions are read beside those of the page

from datetime import date

import duckdb
import numpy as np
from scipy.special import hyp2f1

PURCHASES = """
    CREATE OR REPLACE TABLE purchases AS
    SELECT coalesce(m.into_household, b.household) AS member, b.*, b.total - coalesce(r.amount, 0) AS net, l.pieces
    FROM baskets b
    LEFT JOIN merges m ON m.household = b.household
    LEFT JOIN refunds r USING (basket)
    JOIN (SELECT basket, sum(quantity) AS pieces FROM lines GROUP BY basket) l USING (basket)
    WHERE b.total - coalesce(r.amount, 0) > 0"""
CURRENCY = """
    CREATE OR REPLACE TABLE main_currency AS
    SELECT member, arg_min(currency, (-n, currency)) AS currency, max(n) AS n
    FROM (SELECT member, currency, count(*) AS n FROM purchases GROUP BY ALL) GROUP BY member"""
STANDING = """
    CREATE OR REPLACE TABLE standing AS
    SELECT member, min(day) AS first, max(day) AS last, greatest(date_diff('day', max(day), $today), 0) AS gap,
        count(*) AS n, count(*) FILTER (day > $today - 90) AS n90, count(*) FILTER (day > $today - 365) AS n365,
        coalesce(sum(net) FILTER (p.currency = c.currency), 0) AS amount,
        coalesce(sum(net) FILTER (p.currency = c.currency AND day > $today - 365), 0) AS amount365,
        any_value(c.n) AS in_currency, sum(pieces) AS pieces, count(*) FILTER (discounted) AS with_discount,
        count(*) FILTER (isodow(day) >= 6) AS at_weekend
    FROM purchases p JOIN main_currency c USING (member) GROUP BY member"""
TAGS = {
    "recency": """SELECT member, CASE WHEN gap <= 7 THEN 'week' WHEN gap <= 30 THEN 'month' WHEN gap <= 90 THEN 'quarter'
        WHEN gap <= 180 THEN 'half_year' ELSE 'older' END FROM standing""",
    "frequency": """SELECT member, CASE WHEN n90 >= 10 THEN 'heavy' WHEN n90 >= 5 THEN 'regular' WHEN n90 >= 2
        THEN 'occasional' WHEN n90 >= 1 THEN 'rare' ELSE 'none' END FROM standing""",
    "tier": """SELECT member, CASE WHEN amount365 >= 150000 THEN 'platinum' WHEN amount365 >= 60000 THEN 'gold'
        WHEN amount365 >= 20000 THEN 'silver' ELSE 'bronze' END FROM standing""",
    "rfm": """WITH scored AS (SELECT member,
            CASE WHEN gap <= 14 THEN 5 WHEN gap <= 30 THEN 4 WHEN gap <= 90 THEN 3 WHEN gap <= 180 THEN 2 ELSE 1 END AS r,
            CASE WHEN n365 >= 16 THEN 5 WHEN n365 >= 8 THEN 4 WHEN n365 >= 4 THEN 3 WHEN n365 >= 2 THEN 2 ELSE 1 END AS f,
            CASE WHEN amount365 >= 100000 THEN 5 WHEN amount365 >= 40000 THEN 4 WHEN amount365 >= 15000 THEN 3
                WHEN amount365 >= 5000 THEN 2 ELSE 1 END AS m FROM standing)
        SELECT member, CASE WHEN r >= 4 AND f >= 4 AND m >= 4 THEN 'champion' WHEN f >= 4 THEN 'loyal'
            WHEN m >= 4 THEN 'big_spender' WHEN r >= 4 THEN 'promising' WHEN r <= 2 THEN 'hibernating' ELSE 'ordinary' END
        FROM scored""",
    "ticket": """SELECT member, CASE WHEN amount >= 4000 * in_currency THEN 'large' WHEN amount >= 1500 * in_currency
        THEN 'medium' ELSE 'small' END FROM standing""",
    "category": """SELECT member, arg_min(category, (-n, category)) FROM (SELECT member, category, sum(quantity) AS n
        FROM purchases JOIN lines USING (basket) GROUP BY ALL) GROUP BY member""",
    "item": """SELECT member, arg_min(item, (-n, item)) FROM (SELECT member, item, sum(quantity) AS n
        FROM purchases JOIN lines USING (basket) GROUP BY ALL) GROUP BY member""",
    "daypart": """SELECT member, ['breakfast', 'lunch', 'afternoon', 'dinner', 'late'][arg_min(part, (-n, part))]
        FROM (SELECT member, CASE WHEN hour < 5 OR hour >= 22 THEN 5 WHEN hour < 11 THEN 1 WHEN hour < 14 THEN 2
            WHEN hour < 17 THEN 3 ELSE 4 END AS part, count(*) AS n FROM purchases GROUP BY ALL) GROUP BY member""",
    "weekpart": """SELECT member, CASE WHEN at_weekend * 100 >= 60 * n THEN 'weekend'
        WHEN (n - at_weekend) * 100 >= 80 * n THEN 'weekday' ELSE 'mixed' END FROM standing""",
    "channel": """SELECT member, arg_min(channel, (-n, channel)) FROM (SELECT member, channel, count(*) AS n
        FROM purchases GROUP BY ALL) GROUP BY member""",
    "home_store": """SELECT member, arg_min(store, (-n, store)) FROM (SELECT member, store, count(*) AS n
        FROM purchases GROUP BY ALL) GROUP BY member""",
    "city": """SELECT member, arg_min(city, (-n, city)) FROM (SELECT member, city, count(*) AS n
        FROM purchases WHERE city IS NOT NULL GROUP BY ALL) GROUP BY member""",
    "discount": """SELECT member, CASE WHEN with_discount = 0 THEN 'never' WHEN with_discount * 100 >= 60 * n THEN 'hunter'
        WHEN with_discount * 100 >= 20 * n THEN 'often' ELSE 'seldom' END FROM standing""",
    "basket": """SELECT member, CASE WHEN pieces >= 8 * n THEN 'large' WHEN pieces >= 4 * n THEN 'medium'
        WHEN pieces >= 2 * n THEN 'small' ELSE 'single' END FROM standing""",
    "lifecycle": """WITH steps AS (SELECT member, day, day - lag(day) OVER (PARTITION BY member ORDER BY day) AS step
            FROM (SELECT DISTINCT member, day FROM purchases)),
        back AS (SELECT member, max(day) AS day FROM steps WHERE step > 180 GROUP BY member)
        SELECT member, CASE WHEN gap > 180 THEN 'lapsed' WHEN gap > 60 THEN 'at_risk' WHEN $today - first < 30 THEN 'new'
            WHEN $today - back.day < 60 THEN 'returned' ELSE 'active' END FROM standing LEFT JOIN back USING (member)""",
}  # fmt: skip
REPEATS = """
    SELECT member, count(DISTINCT day) - 1 AS x, (max(day) - min(day)) / 7 AS t_x,
        greatest($today - min(day), max(day) - min(day)) / 7 AS age,
        coalesce((SELECT avg(amount) FROM (SELECT sum(net) AS amount FROM purchases q JOIN main_currency c USING (member)
            WHERE q.member = p.member AND q.currency = c.currency AND q.day > (SELECT first FROM standing s
                WHERE s.member = p.member) GROUP BY q.day)), 0) AS spent
    FROM purchases p GROUP BY member"""


def expected(data: duckdb.DuckDBPyConnection, today: date, model: dict[str, float]) -> dict[tuple[str, str], str]:
    """Value by (household, tag)."""
    data.execute(PURCHASES)
    data.execute(CURRENCY)
    data.execute(STANDING, {"today": today})
    values: dict[tuple[str, str], str] = {}
    for tag, statement in TAGS.items():
        rows = data.execute(statement, {"today": today} if "$today" in statement else None).fetchall()
        values |= {(member, tag): value for member, value in rows}
    return values | _modelled(data, today, model)


def _modelled(data: duckdb.DuckDBPyConnection, today: date, model: dict[str, float]) -> dict[tuple[str, str], str]:
    rows = data.execute(REPEATS, {"today": today}).fetchnumpy()
    x, t_x, age, spent = (np.asarray(rows[name], dtype=float) for name in ("x", "t_x", "age", "spent"))
    r, alpha, a, b, p, q, v = model.values()
    gone_odds = np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + t_x)) ** (r + x), 0)
    alive = 1 / (1 + gone_odds)
    weeks = 90 / 7
    z = weeks / (alpha + age + weeks)
    grown = (a + b + x - 1) / (a - 1) * (1 - (1 - z) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z))
    expected_amount = np.rint(grown * alive * p * (v + x * spent) / (p * x + q - 1))
    churn = np.select([alive * 100 < 40, alive * 100 < 80], ["high", "medium"], "low")
    worth = np.select([expected_amount >= 10_000, expected_amount >= 3_000], ["high", "medium"], "low")
    members = [str(member) for member in rows["member"]]
    by_churn = {(member, "churn"): str(value) for member, value in zip(members, churn, strict=True)}
    return by_churn | {(m, "future_value"): str(value) for m, value in zip(members, worth, strict=True)}
