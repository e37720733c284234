"""Commands that write generated files: pages of docs/api, the API document, the flow table."""
