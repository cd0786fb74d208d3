"""Sound to words: a person's recording goes in, a transcript comes out, or why there is none.

ears.py         the process that listens, and the queue before it
worker.py       what runs in it: speech is found, written down, and judged
speech.py       where in a recording somebody speaks
light.py        Whisper through CTranslate2: the default
openai.py       Whisper through openai-whisper, on the same weights
checkpoint.py   those weights for openai-whisper
ct2file.py      CTranslate2's file, read
engine.py       what both engines are handed, and give back
judging.py      what is not to be believed
simplified.py   traditional characters written the simplified way
"""
