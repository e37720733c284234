"""S3: objects, uploads in parts, and addresses that need no keys."""

import hashlib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

from shared.spine.aws.calls import Answer, SignedCalls, refused


class S3(SignedCalls):
    """Reads and writes objects."""

    def put_object(self, bucket: str, key: str, content: bytes) -> None:
        """Store an object; the same key replaces it."""
        self._object("PUT", self._object_url(bucket, key), content)

    def get_object(self, bucket: str, key: str) -> bytes:
        """The content of an object. Raises `Misconfigured` for no such object, or when the role may not read it."""
        return self._object("GET", self._object_url(bucket, key), b"").body

    def begin_upload(self, bucket: str, key: str) -> str:
        """The id of an upload in parts. The object appears at `end_upload`."""
        answer = self._object("POST", f"{self._object_url(bucket, key)}?uploads=", b"")
        return ET.fromstring(answer.body).findtext("{*}UploadId") or ""  # noqa: S314 - AWS wrote it

    def put_part(self, bucket: str, key: str, upload: str, number: int, content: bytes) -> str:
        """The entity tag of a part, from 1. Each but the last has 5 MiB at least. The same number replaces a part."""
        query = urlencode({"partNumber": number, "uploadId": upload}, quote_via=quote, safe="-_.~")
        return self._object("PUT", f"{self._object_url(bucket, key)}?{query}", content).tag

    def end_upload(self, bucket: str, key: str, upload: str, tags: Sequence[str]) -> None:
        """Join the parts to the object. Raises `Misconfigured` when the upload or a part is unknown."""
        parts = [f"<Part><PartNumber>{n}</PartNumber><ETag>{tag}</ETag></Part>" for n, tag in enumerate(tags, 1)]
        body = f"<CompleteMultipartUpload>{''.join(parts)}</CompleteMultipartUpload>".encode()
        url = f"{self._object_url(bucket, key)}?uploadId={quote(upload, safe='-_.~')}"
        answer = self._object("POST", url, body)
        # S3 may answer 200 first and fail afterwards.
        if ET.fromstring(answer.body).tag.endswith("Error"):  # noqa: S314 - AWS wrote it
            raise refused("s3", answer)

    def download_address(self, bucket: str, key: str, seconds: int) -> str:
        """An address at which a caller without keys gets an object, for so many seconds."""
        return self._signer("s3").presign("GET", self._object_url(bucket, key), {}, seconds)

    def upload_address(
        self, bucket: str, key: str, size: int, seconds: int, headers: Mapping[str, str] | None = None
    ) -> str:
        """An address at which a caller without keys puts an object of `size` bytes, for so many seconds.

        The caller must send these `headers`, too: they are signed.
        """
        signed = {"content-length": str(size), **(headers or {})}
        return self._signer("s3").presign("PUT", self._object_url(bucket, key), signed, seconds)

    def _object_url(self, bucket: str, key: str) -> str:
        return f"{self._address('s3')}/{bucket}/{quote(key, safe='/-_.~')}"

    def _object(self, method: str, url: str, body: bytes) -> Answer:
        # S3 alone requires the body's hash as a header.
        answer = self._signed(method, "s3", url, {"x-amz-content-sha256": hashlib.sha256(body).hexdigest()}, body)
        if answer.status != HTTPStatus.OK:
            raise refused("s3", answer)
        return answer
