"""Watching over delivery itself: paths that fail, and what is told of them.

course.py    how one path goes
paths.py     channels and speakers that note how they go
monitor.py   tells the admins, over a path that works
figures.py   the figures for Prometheus
cameras.py   those of the cameras
devices.py   cameras that fail become cases
horns.py     speakers that fail become cases
"""
