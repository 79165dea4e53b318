"""Child processes that never outlive us, however we end.

The kernel sends them SIGTERM when the thread that started them is gone (prctl(2),
PR_SET_PDEATHSIG), so start them from the main thread. On other systems than Linux they are plain
children.
"""

import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1

# The wish survives the exec. Whoever finds another parent was too late to ask: ours is dead.
_LEASH = f"""
import ctypes, os, sys
ctypes.CDLL(None).prctl({PR_SET_PDEATHSIG}, {int(signal.SIGTERM)})
if os.getppid() == int(sys.argv[1]):
    os.execvp(sys.argv[2], sys.argv[2:])
"""


def leashed(command: Sequence[str]) -> list[str]:
    """Return `command` put on a leash: a small interpreter asks the kernel, then becomes it.

    Rather this than a `preexec_fn`: Python code between fork and exec can deadlock where threads
    run, and Python 3.12 warns of it.
    """
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid()), *command]
