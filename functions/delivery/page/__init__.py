"""The customer's page: one HTML file, one script and one style, without anything of another host."""
