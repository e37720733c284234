"""The AWS calls of functions, a module a service, signed without the SDK. Tools outside of functions use boto3."""

from shared.spine.aws.events import Events
from shared.spine.aws.functions import Functions
from shared.spine.aws.logs import Logs
from shared.spine.aws.s3 import S3
from shared.spine.aws.secrets import Secrets
from shared.spine.aws.ses import Ses
from shared.spine.aws.sns import Sns
from shared.spine.aws.sqs import Sqs
from shared.spine.aws.websocket import WebSocket


class Aws(Secrets, Sns, Sqs, S3, WebSocket, Functions, Events, Logs, Ses):
    """All calls, over one connection per service."""
