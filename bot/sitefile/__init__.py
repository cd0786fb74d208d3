"""The site file: TOML in, the domain's SiteConfig or every fault with file, line and value out."""

from bot.sitefile.load import load_site

__all__ = ["load_site"]
