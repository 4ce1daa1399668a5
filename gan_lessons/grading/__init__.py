"""Grade what students hand in: their code in a limited kernel, the marks in another process.

``python -m gan_lessons.grading COURSE --assignment lesson_01`` does all of it.  It needs the
extra ``instructor``, and Linux or macOS.
"""
