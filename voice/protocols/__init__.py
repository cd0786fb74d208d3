"""What horns and cameras speak on the wire, pure: bytes and text in, bytes and text out.

Nothing here opens a socket, reads a clock or sleeps; `voice/speakers` does.
"""
