"""Puts the program together, a part at a time: what each part needs, and in which order it ends.

`bot.service` calls them in turn.  Whatever a part opens it leaves on the foundation's stack.
"""
