"""The good voice: the Kokoro-82M network, a style vector per speaker, and phonemes to feed it.

voice.py       the port of voices, towards the rest of the program
worker.py      the process that holds the network
network.py     phonemes to samples
phonemes.py    text to phonemes, by script
mandarin.py    Chinese characters to phonemes
english.py     Latin letters to phonemes
"""
