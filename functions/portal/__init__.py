"""The API document, and the pages for people: documentation, console and work.

Owns: nothing.
Hears: GET /openapi.json, GET /docs, GET /console, GET /work, GET /forecast, *.
Says: nothing.
"""
