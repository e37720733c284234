"""HTTP → members' profiles with reasons, segments by tags, and the settings of tags"""

from functions.members.resources import (
    backfills,
    lookups,
    members,
    saved_segments,
    segment_exports,
    segments,
    tag_settings,
    tags,
)
from shared.spine import entry
from shared.spine.http import CHANGE_PROBLEMS, RESOURCE_PROBLEMS, RIGHT_PROBLEMS, Operation, app_maker

SAVED = "/v1/segments/saved"
BACKFILL = "/v1/tag-backfills/{backfill}"
OPERATIONS = [
    Operation("GET", "/v1/members/{member}", members.get_member, {200: members.Profile}, RESOURCE_PROBLEMS, looks=True),
    Operation("PUT", "/v1/members/{member}", members.put_member, {200: members.Profile}, CHANGE_PROBLEMS),
    Operation("POST", "/v1/members/{member}/merge", members.merge_member, {200: members.Profile}, CHANGE_PROBLEMS),
    Operation(
        "POST", "/v1/members/{member}/forget", members.forget_member, {200: members.MemberReference}, CHANGE_PROBLEMS
    ),
    Operation("POST", "/v1/member-lookups", lookups.look_up_member, {200: members.MemberReference}, CHANGE_PROBLEMS),
    Operation("GET", "/v1/segments/count", segments.count_segment, {200: segments.SegmentCount}, RIGHT_PROBLEMS),
    Operation(
        "GET", "/v1/segments/sample", segments.sample_segment, {200: segments.SegmentPage}, RIGHT_PROBLEMS, looks=True
    ),
    Operation(
        "GET", "/v1/segments/members", segments.list_segment, {200: segments.SegmentPage}, RIGHT_PROBLEMS, looks=True
    ),
    Operation("GET", "/v1/segments/export", segments.export_segment, {200: "text/csv"}, RIGHT_PROBLEMS, looks=True),
    Operation(
        "POST",
        "/v1/segments/exports",
        segment_exports.start_export,
        {202: segment_exports.ExportDocument},
        CHANGE_PROBLEMS,
    ),
    Operation(
        "GET",
        "/v1/segments/exports/{export}",
        segment_exports.get_export,
        {200: segment_exports.ExportDocument},
        RESOURCE_PROBLEMS,
    ),
    Operation("GET", SAVED, saved_segments.list_saved_segments, {200: saved_segments.SavedSegmentList}, RIGHT_PROBLEMS),
    Operation("POST", SAVED, saved_segments.save_segment, {201: saved_segments.SavedSegmentDocument}, CHANGE_PROBLEMS),
    Operation(
        "PATCH",
        f"{SAVED}/{{segment}}",
        saved_segments.change_saved_segment,
        {200: saved_segments.SavedSegmentDocument},
        CHANGE_PROBLEMS,
    ),
    Operation(
        "DELETE",
        f"{SAVED}/{{segment}}",
        saved_segments.remove_saved_segment,
        {200: saved_segments.SavedSegmentDeleted},
        CHANGE_PROBLEMS,
    ),
    Operation("GET", "/v1/tags", tags.list_tags, {200: tags.TagPage}, RIGHT_PROBLEMS),
    Operation(
        "GET", "/v1/tag-settings", tag_settings.get_tag_settings, {200: tag_settings.SettingsDocument}, RIGHT_PROBLEMS
    ),
    Operation(
        "PUT", "/v1/tag-settings", tag_settings.put_tag_settings, {200: tag_settings.SettingsDocument}, CHANGE_PROBLEMS
    ),
    Operation("GET", "/v1/tag-backfills", backfills.list_backfills, {200: backfills.BackfillPage}, RIGHT_PROBLEMS),
    Operation(
        "POST", "/v1/tag-backfills", backfills.start_backfill, {201: backfills.BackfillDocument}, CHANGE_PROBLEMS
    ),
    Operation(
        "POST", f"{BACKFILL}/pause", backfills.pause_backfill, {200: backfills.BackfillDocument}, CHANGE_PROBLEMS
    ),
    Operation(
        "POST", f"{BACKFILL}/resume", backfills.resume_backfill, {200: backfills.BackfillDocument}, CHANGE_PROBLEMS
    ),
]


make_app = app_maker("members", OPERATIONS)
handler = entry.http(make_app)
