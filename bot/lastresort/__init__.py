"""The last resort: what is done with an emergency while the database cannot be written.

It goes out at once from memory, marked as not yet recorded, and into a journal beside the database;
as soon as the database can be written again, what the journal holds becomes cases, and the messages
that went out become their cards.
"""

from bot.lastresort.resort import LastResort

__all__ = ["LastResort"]
