"""POST /v1/forecasts/uploads, and the file of an import: in its request, or uploaded before."""

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import Base64Bytes, Field, StringConstraints, model_validator

from functions.forecast.resources.scope import WRITE, require_chain
from shared.contracts.ids import Ulid, new_id
from shared.contracts.models import Input, Output
from shared.contracts.text import Id
from shared.spine.errors import Misconfigured, NotFound, Rejected
from shared.spine.http import Call, Reply

MOST_BYTES = 16 * 1024 * 1024
UPLOAD_SECONDS = 900


class FileIn(Input):
    """A small file is `csv`, or `parquet` in base 64. A larger file is put into an `upload` first."""

    chain: Id
    csv: Annotated[str, StringConstraints(min_length=1)] | None = None
    parquet: Base64Bytes | None = None
    upload: Ulid | None = None

    @model_validator(mode="after")
    def _one_file(self) -> Self:
        if [self.csv, self.parquet, self.upload].count(None) != 2:  # noqa: PLR2004 - one of the three is there
            raise ValueError("give one of csv, parquet and upload")
        return self


class UploadIn(Input):
    """The size of the file in `bytes`. It is Parquet, CSV, or CSV compressed by gzip."""

    chain: Id
    bytes: Annotated[int, Field(ge=1, le=MOST_BYTES)]


class UploadDocument(Output):
    """PUT the file to `url` before `expires_at`, without further headers. Then import it by the id in `upload`."""

    upload: Ulid
    url: str
    expires_at: datetime


def open_forecast_upload(call: Call, body: UploadIn) -> Reply:
    """Open an upload for a file of history or weather that is too large for a request."""
    require_chain(call, WRITE, body.chain)
    with call.once() as (_, stored):
        now = call.env.clock()
        upload_id = new_id(now)
        bucket, key = call.env.settings.models_bucket, _key(body.chain, upload_id)
        url = call.env.aws.upload_address(bucket, key, body.bytes, UPLOAD_SECONDS)
        expires_at = now + timedelta(seconds=UPLOAD_SECONDS)
        stored.status, stored.secret_until = 201, expires_at
        stored.reply = UploadDocument(upload=upload_id, url=url, expires_at=expires_at).model_dump_json()
    return Reply(stored.reply, stored.status)


def read_file(call: Call, body: FileIn) -> bytes:
    """The content of the file. Raises `NotFound` for an upload without a file."""
    if body.upload is None:
        return body.parquet or (body.csv or "").encode()
    try:
        content = call.env.aws.get_object(call.env.settings.models_bucket, _key(body.chain, body.upload))
    except Misconfigured as failure:
        raise NotFound("unknown_upload", "the upload has no file") from failure
    if len(content) > MOST_BYTES:  # S3 takes no more than the address was signed for; an emulator may
        raise Rejected("file_too_long", f"the file has {len(content):,} bytes; send at most {MOST_BYTES:,} at a time")
    return content


def _key(chain: str, upload_id: str) -> str:
    return f"{chain}/uploads/{upload_id}"
