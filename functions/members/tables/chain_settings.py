"""The SQL of a chain's settings: thresholds and time zone, CLV model, versions of tags, and places of its stores."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from functions.members.tables.columns import column_time
from functions.members.tables.members import read_chains
from shared.spine.db import Transaction

SELECT_SETTINGS = """
    SELECT (SELECT settings FROM tag_settings WHERE chain_id = %s) AS settings,
        (SELECT parameters FROM tag_models WHERE chain_id = %s) AS model"""
UPSERT_SETTINGS = """
    INSERT INTO tag_settings (chain_id, settings) VALUES (%s, %s) ON DUPLICATE KEY UPDATE settings = VALUES(settings)"""
UPSERT_MODEL = """
    INSERT INTO tag_models (chain_id, parameters, members, fitted_at) VALUES (%s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE parameters = VALUES(parameters), members = VALUES(members), fitted_at = VALUES(fitted_at)"""
SELECT_VERSIONS = "SELECT chain_id, tag, version FROM tag_versions"
LOCK_VERSIONS = "SELECT tag, version FROM tag_versions WHERE chain_id = %s FOR UPDATE"
UPSERT_VERSIONS = """
    INSERT INTO tag_versions (chain_id, tag, version) VALUES (%s, %s, %s)
    ON DUPLICATE KEY UPDATE version = VALUES(version)"""
SELECT_STORE_PLACES = "SELECT store_id, timezone, city FROM store_places WHERE store_id IN %s"


class ChainSettings(NamedTuple):
    """The JSON of a chain's settings and of the parameters of its CLV model; None if the chain has none."""

    settings: str | None
    model: str | None


class StoreLocation(NamedTuple):
    """The time zone and the city of a store."""

    timezone: str
    city: str | None


def read_chain_settings(transaction: Transaction, chain: str) -> ChainSettings:
    """The present settings."""
    row = transaction.row(SELECT_SETTINGS, (chain, chain))
    assert row is not None  # a SELECT without FROM has one row
    return ChainSettings(row["settings"], row["model"])


def upsert_settings(transaction: Transaction, chain: str, settings: str) -> None:
    """Replace a chain's settings by this JSON."""
    transaction.execute(UPSERT_SETTINGS, (chain, settings))


def upsert_model(transaction: Transaction, chain: str, parameters: str, members: int, now: datetime) -> None:
    """Replace a chain's CLV model. `parameters` is JSON; `members` is the number of members that it was fitted on."""
    transaction.execute(UPSERT_MODEL, (chain, parameters, members, column_time(now)))


def read_tag_versions(transaction: Transaction) -> dict[str, dict[str, int]]:
    """{tag: version} by chain, for all chains with members."""
    versions: dict[str, dict[str, int]] = {chain: {} for chain in read_chains(transaction)}
    for row in transaction.rows(SELECT_VERSIONS):
        if row["chain_id"] in versions:
            versions[row["chain_id"]][row["tag"]] = row["version"]
    return versions


def lock_tag_versions(transaction: Transaction, chain: str) -> dict[str, int]:
    """{tag: version} of a chain, locked."""
    return {row["tag"]: row["version"] for row in transaction.rows(LOCK_VERSIONS, (chain,))}


def upsert_tag_versions(transaction: Transaction, chain: str, versions: Mapping[str, int]) -> None:
    """Store the versions that a started backfill computes."""
    transaction.execute_many(UPSERT_VERSIONS, [(chain, tag, version) for tag, version in versions.items()])


def read_store_locations(transaction: Transaction, store_keys: Sequence[str]) -> dict[str, StoreLocation]:
    """The location of each store, by its key."""
    rows = transaction.rows(SELECT_STORE_PLACES, (tuple(store_keys),)) if store_keys else []
    return {row["store_id"]: StoreLocation(row["timezone"], row["city"]) for row in rows}
