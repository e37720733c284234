"""HTTP → timers of the stage under /v1/timers: list, runs, run now, pause, resume, schedule."""

from functions.timers.resources import changes, runs, timers
from shared.spine import entry
from shared.spine.http import CHANGE_PROBLEMS, RESOURCE_PROBLEMS, RIGHT_PROBLEMS, Operation, app_maker

TIMER = "/v1/timers/{timer}"

OPERATIONS = [
    Operation("GET", "/v1/timers", timers.list_timers, {200: timers.TimerList}, RIGHT_PROBLEMS),
    Operation("GET", TIMER, timers.get_timer, {200: timers.TimerReply}, RESOURCE_PROBLEMS),
    Operation("GET", f"{TIMER}/runs", runs.list_runs, {200: runs.TimerRunPage}, RESOURCE_PROBLEMS),
    Operation("GET", f"{TIMER}/runs/{{run}}/log", runs.get_run_log, {200: runs.TimerRunLog}, RESOURCE_PROBLEMS),
    Operation("POST", f"{TIMER}/run", changes.start_timer, {202: changes.TimerStarted}, CHANGE_PROBLEMS),
    Operation("POST", f"{TIMER}/pause", changes.pause_timer, {200: changes.TimerSetting}, CHANGE_PROBLEMS),
    Operation("POST", f"{TIMER}/resume", changes.resume_timer, {200: changes.TimerSetting}, CHANGE_PROBLEMS),
    Operation("POST", f"{TIMER}/schedule", changes.change_schedule, {200: changes.TimerSetting}, CHANGE_PROBLEMS),
]

make_app = app_maker("timers", OPERATIONS)
handler = entry.http(make_app)
