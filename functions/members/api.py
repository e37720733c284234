"""HTTP → members' profiles with reasons, segments by tags, and the settings of tags"""

from functions.members.resources import backfills, lookups, members, segment_exports, segments, tag_settings, tags
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.http import Api, Operation

READ = (401, 403, 422, 429, 500, 503)
FIND = (*READ, 404)
CHANGE = (*FIND, 400, 409, 413, 415)

BACKFILL = "/v1/tag-backfills/{backfill}"
OPERATIONS = [
    Operation("GET", "/v1/members/{member}", members.get_member, {200: members.Profile}, FIND),
    Operation("PUT", "/v1/members/{member}", members.put_member, {200: members.Profile}, CHANGE),
    Operation("POST", "/v1/members/{member}/merge", members.merge_member, {200: members.Profile}, CHANGE),
    Operation("POST", "/v1/members/{member}/forget", members.forget_member, {200: members.MemberReference}, CHANGE),
    Operation("POST", "/v1/member-lookups", lookups.look_up_member, {200: members.MemberReference}, CHANGE),
    Operation("GET", "/v1/segments/count", segments.count_segment, {200: segments.SegmentCount}, READ),
    Operation("GET", "/v1/segments/sample", segments.sample_segment, {200: segments.SegmentPage}, READ),
    Operation("GET", "/v1/segments/members", segments.list_segment, {200: segments.SegmentPage}, READ),
    Operation("GET", "/v1/segments/export", segments.export_segment, {200: "text/csv"}, READ),
    Operation(
        "POST", "/v1/segments/exports", segment_exports.start_export, {202: segment_exports.ExportDocument}, CHANGE
    ),
    Operation(
        "GET", "/v1/segments/exports/{export}", segment_exports.get_export, {200: segment_exports.ExportDocument}, FIND
    ),
    Operation("GET", "/v1/tags", tags.list_tags, {200: tags.TagPage}, READ),
    Operation("GET", "/v1/tag-settings", tag_settings.get_tag_settings, {200: tag_settings.SettingsDocument}, READ),
    Operation("PUT", "/v1/tag-settings", tag_settings.put_tag_settings, {200: tag_settings.SettingsDocument}, CHANGE),
    Operation("GET", "/v1/tag-backfills", backfills.list_backfills, {200: backfills.BackfillPage}, READ),
    Operation("POST", "/v1/tag-backfills", backfills.start_backfill, {201: backfills.BackfillDocument}, CHANGE),
    Operation("POST", f"{BACKFILL}/pause", backfills.pause_backfill, {200: backfills.BackfillDocument}, CHANGE),
    Operation("POST", f"{BACKFILL}/resume", backfills.resume_backfill, {200: backfills.BackfillDocument}, CHANGE),
]


def make_app(env: Environment) -> object:
    """The WSGI app over this environment."""
    return Api(env, "members", OPERATIONS).app


handler = entry.http(make_app)
