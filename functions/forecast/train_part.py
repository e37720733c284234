"""forecast.training_due → the batch has a model set for its origin: newly trained, or with refreshed weights"""

from functions.forecast.pipeline import run_lifecycle, training
from shared.contracts.messages import Message
from shared.contracts.messages.forecast import ForecastTrainingDue
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.errors import Rejected


def train_batch(message: Message[ForecastTrainingDue], env: Environment) -> None:
    """Train the batch, from the start after a failure; a batch that is trained already stays as it is."""
    job = training.load(env, message.data)
    if job is None:
        return
    try:
        snapshot, result = training.train(env, job)
    except Rejected as refusal:
        run_lifecycle.refuse_batch(env, message.data, refusal)
    else:
        training.keep(env, message.data, snapshot, result)


handler = entry.queue(ForecastTrainingDue, train_batch)
