"""HTTP → members' profiles with reasons, segments by tags, and what the tags go by."""

from functions.members.resources import members, segments, tag_settings
from functions.members.resources.documents import (
    BackfillDocument,
    BackfillPage,
    Count,
    ExportDocument,
    Found,
    Listing,
    Profile,
    SettingsDocument,
    TagPage,
)
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.http import Api, Operation

READING = (401, 403, 422, 429, 500, 503)
FINDING = (*READING, 404)
CHANGING = (*FINDING, 400, 409, 413, 415)

OPERATIONS = [
    Operation("GET", "/v1/members/{member}", members.get_member, {200: Profile}, FINDING),
    Operation("PUT", "/v1/members/{member}", members.put_member, {200: Profile}, CHANGING),
    Operation("POST", "/v1/members/{member}/merge", members.merge_member, {200: Profile}, CHANGING),
    Operation("POST", "/v1/members/{member}/forget", members.forget_member, {200: Found}, CHANGING),
    Operation("POST", "/v1/member-lookups", members.find_member, {200: Found}, CHANGING),
    Operation("GET", "/v1/segments/count", segments.count_segment, {200: Count}, READING),
    Operation("GET", "/v1/segments/sample", segments.sample_segment, {200: Listing}, READING),
    Operation("GET", "/v1/segments/members", segments.list_segment, {200: Listing}, READING),
    Operation("GET", "/v1/segments/export", segments.export_segment, {200: "text/csv"}, READING),
    Operation("POST", "/v1/segments/exports", segments.start_export, {202: ExportDocument}, CHANGING),
    Operation("GET", "/v1/segments/exports/{export}", segments.get_export, {200: ExportDocument}, FINDING),
    Operation("GET", "/v1/tags", segments.list_tags, {200: TagPage}, READING),
    Operation("GET", "/v1/tag-settings", tag_settings.get_tag_settings, {200: SettingsDocument}, READING),
    Operation("PUT", "/v1/tag-settings", tag_settings.put_tag_settings, {200: SettingsDocument}, CHANGING),
    Operation("GET", "/v1/tag-backfills", tag_settings.list_backfills, {200: BackfillPage}, READING),
    Operation("POST", "/v1/tag-backfills", tag_settings.start_backfill, {201: BackfillDocument}, CHANGING),
    Operation("POST", "/v1/tag-backfills/{run}/pause", tag_settings.pause_backfill, {200: BackfillDocument}, CHANGING),
    Operation(
        "POST", "/v1/tag-backfills/{run}/resume", tag_settings.resume_backfill, {200: BackfillDocument}, CHANGING
    ),
]


def make_app(env: Environment) -> object:
    """The WSGI app over this environment."""
    return Api(env, "members", OPERATIONS).app


handler = entry.http(make_app)
