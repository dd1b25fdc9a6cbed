"""The console: pages for people, served by relay itself, and what they ask."""
