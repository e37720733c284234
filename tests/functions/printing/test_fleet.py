"""What head office sees and does over HTTP: settings, agents, jobs, the fleet."""

import json
from base64 import b64encode
from typing import Any

import pytest

from functions.printing import api
from local.api_event import Context, event
from local.mariadb import MariaDB
from local.signed import signed_headers
from shared.environment import Environment
from shared.http import Api
from tests.functions.printing.conftest import ONE_KITCHEN, Hand, Relay
from tests.orders import Caller, new_key, open_store
from tests.queues import Inbox
