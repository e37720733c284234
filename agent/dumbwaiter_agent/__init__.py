"""The print agent: jobs from the relay → journal → paper, with proof."""

VERSION = "0.1.0"
