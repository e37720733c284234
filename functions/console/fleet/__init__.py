"""The state of stores that print: what their agents and printers report, and which store needs a person first."""
