"""The resources of /v1/printing: requests, replies, views."""
