"""sync.file_dropped → the rows of the file become sales for order intake, or people."""

from datetime import timedelta

from functions.sync.pulls.files import take_file
from functions.sync.tables.systems import system_key
from shared.contracts.messages import Message
from shared.contracts.messages.sales import SyncFileDropped
from shared.spine import entry
from shared.spine.env import Environment

# Less than the time limit of the function in functions.yml.
RUN_TIME = timedelta(seconds=240)


def read_file(message: Message[SyncFileDropped], env: Environment) -> None:
    data = message.data
    if not take_file(env, system_key(data.chain, data.system), data.file, env.clock() + RUN_TIME):
        with env.outbox.work("sync") as work:
            work.announce(data, subject=message.subject, sequence=message.sequence + 1)


handler = entry.queue(SyncFileDropped, read_file)
