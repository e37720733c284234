"""The whole suite on one machine: database, emulator, and the stack that osls deploys into it."""

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path
from typing import Self

from demo import chat, erp, printers, seed
from ops import migrate
from stack import children
from stack.addresses import CHECKOUT, ROOT, Place, place
from stack.cloudformation import SERVICE, STAGE
from stack.deploy import alone, compiling, deploy, fingerprint
from stack.emulator import Emulator
from stack.keys import keys, write_private
from stack.mysql import database, stop_private_servers
from stack.ports import LOOPBACK
from stack.terminal import say

SEND_AGAIN = """
    UPDATE messages SET sent_at = NULL, leased_until = NULL
    WHERE sent_at > (SELECT last_sent FROM (SELECT MAX(sent_at) AS last_sent FROM messages) m) - INTERVAL 10 MINUTE"""


class Stack:
    """`root` is the folder that holds all of it; two stacks in two folders know nothing of each other."""

    def __init__(self, root: Path = ROOT, *, checkout: Path = CHECKOUT, durable: bool = True) -> None:
        self.root, self.checkout = root.resolve(), checkout
        self.db = database(self.root, durable=durable)

    @property
    def emulator(self) -> Emulator:
        packages = (CHECKOUT / "requirements/dev.txt").read_text()
        return Emulator(self.root, basis=f"{packages}\n{self.db.functions.url}\n{keys(self.root).keyring}")

    @property
    def place(self) -> Place:
        """Raises CannotStart if no stack was brought up here."""
        return place(self.root)

    def running(self) -> bool:
        """Whether all of it runs and was made from the sources as they are now."""
        try:
            return self.db.running() and self.emulator.running() and self._deployed() == self._wanted()
        except FileNotFoundError:
            return False

    def up(self) -> None:
        """Bring up what does not run, deploy what has changed. If it fails, the parts that this call started are
        stopped."""
        with alone(self.root / "lock"):
            if not self.running():
                self._up()

    def down(self) -> None:
        """Stop all of it, also what a killed `up` left; the data stays."""
        with alone(self.root / "lock"), children.undisturbed():
            self._down()

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def _up(self) -> None:
        started: list[Callable[[], None]] = []
        try:
            with compiling(self.checkout, self.root) as templates:
                self._start(started, templates)
        except BaseException:
            with children.undisturbed():
                for stop in reversed(started):
                    stop()
            raise

    def _start(self, started: list[Callable[[], None]], templates: Future[dict[str, str]]) -> None:
        if self.db.start():
            started.append(self.db.stop)
        say(f"Database: {self.db.owner.host}:{self.db.owner.port}")
        emulator = self.emulator
        if not self._deployed():
            emulator.stop()  # whoever was deploying into it never finished
        if not emulator.running():
            self._forget()
        fresh = emulator.start()
        if fresh:
            started.append(emulator.stop)
        say(f"AWS emulator: {emulator.endpoint}")
        self._fill(emulator, templates)
        if fresh:
            self._send_again()

    def _fill(self, emulator: Emulator, templates: Future[dict[str, str]]) -> None:
        wanted = self._wanted()
        for name in migrate.migrate(self.db.owner.url):
            say(f"Migrated: {name}")
        clients = seed.demo_clients(self.db.owner.url, keys(self.root).keyring)
        people = seed.demo_people(self.db.owner.url, keys(self.root).owner)
        self._put_secrets(emulator)
        say("Deploying the stacks ...")
        deployed = deploy(self.checkout, templates.result(), emulator)
        say(f"Deployed: {', '.join(deployed.changed) or 'nothing had changed'}")
        write_private(self.root / "stack.json", asdict(self._place(emulator, deployed.outputs, clients, people)))
        (self.root / "deployed").write_text(wanted)

    def _send_again(self) -> None:
        """The messages in the emulator's queues are lost with it. Consumers bear a message twice, so the last ones go
        again."""
        with self.db.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(SEND_AGAIN)

    def wake_sweeper(self) -> None:
        """Rather than wait for its minute."""
        name = f"{SERVICE}-{STAGE}-outbox_send_due_messages"
        self.emulator.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")

    def _put_secrets(self, emulator: Emulator) -> None:
        functions = self.db.functions
        database = asdict(functions) | {"username": functions.user, "dbname": functions.database}
        secrets = {
            "database": {n: database[n] for n in ("host", "port", "username", "password", "dbname")} | {"tls": False},
            "keyring": {"keys": keys(self.root).keyring},
        }
        manager = emulator.client("secretsmanager")
        for name, content in secrets.items():
            secret = f"dumbwaiter/{STAGE}/{name}"
            try:
                manager.create_secret(Name=secret, SecretString=json.dumps(content))
            except manager.exceptions.ResourceExistsException:
                manager.put_secret_value(SecretId=secret, SecretString=json.dumps(content))

    def _place(
        self,
        emulator: Emulator,
        outputs: dict[str, dict[str, str]],
        clients: dict[str, dict[str, str]],
        people: dict[str, dict[str, str]],
    ) -> Place:
        http = f"{emulator.endpoint}/_aws/execute-api/{outputs['spine']['HttpApiId']}"
        websocket = outputs.get("printing", {}).get("WebsocketApiId")
        return Place(
            http=http,
            websocket=websocket and f"ws{emulator.endpoint[4:]}/_aws/execute-api/{websocket}/{STAGE}",
            # A passkey is bound to a name, and an IP address is none.
            console=f"{http.replace(LOOPBACK, 'localhost', 1)}/console",
            aws_endpoint=emulator.endpoint,
            mysql=asdict(self.db.owner),
            keys=clients,
            people=people,
        )

    def _wanted(self) -> str:
        made_of = f"{fingerprint(self.checkout)} {self.db.owner.url} {self.emulator.basis}"
        return hashlib.sha256(made_of.encode()).hexdigest()

    def _deployed(self) -> str:
        try:
            return (self.root / "deployed").read_text()
        except FileNotFoundError:
            return ""

    def _forget(self) -> None:
        (self.root / "deployed").unlink(missing_ok=True)
        (self.root / "stack.json").unlink(missing_ok=True)

    def _down(self) -> None:
        self._forget()
        children.stop(self.root / "deploy.json", patience=5)
        printers.stop(self.root)
        chat.stop(self.root)
        erp.stop(self.root)
        # The emulator first: its functions use the database.
        Emulator(self.root).stop()
        stop_private_servers(self.root)
