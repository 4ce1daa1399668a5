"""Grade what students hand in: their code in a sandbox, the marks outside.

``python -m gan_lessons.grading COURSE --assignment lesson_01`` does all of it.  It needs the
extra ``instructor``, and bubblewrap.
"""

import os.path
from pathlib import Path


def course_folder(name: str) -> Path:
    """The folder that a command line names: absolute, and a ``~`` in front is one's home.

    A shell leaves ``COURSE=~/gan-course`` as it is.
    """
    return Path(os.path.expanduser(name)).absolute()
