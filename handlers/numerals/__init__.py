"""Numbers as people say and write them, and the digits that they mean.

Pure: text in, text out.  `in_digits` is what the grammar reads, `spoken_forms` is what a number may
sound like.
"""

from handlers.numerals.english import ENGLISH_FORMS, english_in_digits
from handlers.numerals.mandarin import MANDARIN_FORMS, mandarin_in_digits
from handlers.numerals.reading import in_digits, spoken_forms

__all__ = [
    "ENGLISH_FORMS",
    "MANDARIN_FORMS",
    "english_in_digits",
    "in_digits",
    "mandarin_in_digits",
    "spoken_forms",
]
