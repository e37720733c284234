"""The HTTP API of forecasting, a module a resource: requests, replies and views."""
