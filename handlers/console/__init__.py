"""The built-in console: the page at `/`, what it asks for, and the speaker page."""
