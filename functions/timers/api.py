"""HTTP → timers of the stage under /v1/timers, jobs that people plan under /v1/jobs, and their announcements."""

from functions.timers.resources import announcements, changes, jobs, runs, timers
from shared.spine import entry
from shared.spine.http import CHANGE_PROBLEMS, RESOURCE_PROBLEMS, RIGHT_PROBLEMS, Operation, app_maker

TIMER = "/v1/timers/{timer}"
JOB = "/v1/jobs/{job}"
STALE = 412

OPERATIONS = [
    Operation("GET", "/v1/timers", timers.list_timers, {200: timers.TimerList}, RIGHT_PROBLEMS),
    Operation("GET", TIMER, timers.get_timer, {200: timers.TimerReply}, RESOURCE_PROBLEMS),
    Operation("GET", f"{TIMER}/runs", runs.list_runs, {200: runs.TimerRunPage}, RESOURCE_PROBLEMS),
    Operation("GET", f"{TIMER}/runs/{{run}}/log", runs.get_run_log, {200: runs.TimerRunLog}, RESOURCE_PROBLEMS),
    Operation("POST", f"{TIMER}/run", changes.start_timer, {202: changes.TimerStarted}, CHANGE_PROBLEMS),
    Operation("POST", f"{TIMER}/pause", changes.pause_timer, {200: changes.TimerSetting}, CHANGE_PROBLEMS),
    Operation("POST", f"{TIMER}/resume", changes.resume_timer, {200: changes.TimerSetting}, CHANGE_PROBLEMS),
    Operation("POST", f"{TIMER}/schedule", changes.change_schedule, {200: changes.TimerSetting}, CHANGE_PROBLEMS),
    Operation("GET", "/v1/jobs", jobs.list_planned_jobs, {200: jobs.PlannedJobPage}, RIGHT_PROBLEMS),
    Operation("POST", "/v1/jobs", jobs.plan_job, {201: jobs.PlannedJob}, CHANGE_PROBLEMS),
    Operation("GET", JOB, jobs.get_planned_job, {200: jobs.PlannedJob}, RESOURCE_PROBLEMS),
    Operation("PUT", JOB, jobs.change_planned_job, {200: jobs.PlannedJob}, (*CHANGE_PROBLEMS, STALE)),
    Operation("DELETE", JOB, jobs.cancel_planned_job, {200: jobs.PlannedJob}, (*CHANGE_PROBLEMS, STALE)),
    Operation("POST", f"{JOB}/pause", jobs.pause_planned_job, {200: jobs.PlannedJob}, (*CHANGE_PROBLEMS, STALE)),
    Operation("POST", f"{JOB}/resume", jobs.resume_planned_job, {200: jobs.PlannedJob}, (*CHANGE_PROBLEMS, STALE)),
    Operation("GET", f"{JOB}/runs", jobs.list_planned_job_runs, {200: jobs.PlannedJobRuns}, RESOURCE_PROBLEMS),
    Operation(
        "GET",
        "/v1/announcements",
        announcements.list_announcements,
        {200: announcements.Announcements},
        RESOURCE_PROBLEMS,
    ),
]

make_app = app_maker("timers", OPERATIONS)
handler = entry.http(make_app)
