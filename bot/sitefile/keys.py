"""Keys that several tables of the site file have."""

from __future__ import annotations

from bot.sitefile.read import Key
from bot.sitefile.values import identifier, name, person, some, words

LANGUAGE = Key("language", words("zh", "en"), "Language of what is written or said there.")
ID = Key("id", identifier, "Its id, never changed and never used again.", required=True)
PERSON_ID = Key("id", person, ID.doc, required=True)
NAME = Key("name", name, "What people call it; by default the id.")
SITE = Key("site", identifier, "The site it belongs to.", required=True)
SITES = Key("sites", some(identifier), "The sites it belongs to.")
AREA = Key("area", identifier, "All sites of this area. With neither sites nor area: all sites.")
