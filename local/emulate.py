"""MiniStack as it is run here: what comes into a queue is taken at once."""

from ministack.app import main
from ministack.services import lambda_svc

# After a look at the queues that found nothing it rests for 50 ms. With many queues most looks find nothing, and at ten
# orders a second every other message waited for the end of a rest, of which the cloud knows nothing.
REST = "_ESM_IDLE_WAKE_GAP_SECONDS"

if __name__ == "__main__":
    getattr(lambda_svc, REST)  # a version that has it no more needs another look
    setattr(lambda_svc, REST, 0)
    main()
