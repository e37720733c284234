"""The API document, and the pages for people: documentation and console.

Owns: nothing.
Hears: GET /openapi.json, GET /docs, GET /console, GET /forecast, *.
Says: nothing.
"""
