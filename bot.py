"""`python bot.py ...` is the console script `loudhailer`; everything lives in the package `bot`."""

from bot.app import main

if __name__ == "__main__":
    raise SystemExit(main())
