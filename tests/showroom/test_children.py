"""Child processes: gone when we are, and themselves as long as we live."""

import subprocess
import sys

from showroom.children import leashed

# Starts a leashed `sleep`, says which, and waits to be killed.
PARENT = """
import subprocess
from showroom.children import leashed
print(subprocess.Popen(leashed(["sleep", "infinity"])).pid, flush=True)
input()
"""


def test_a_leashed_child_is_the_program_itself() -> None:
    run = subprocess.run(leashed(["echo", "it", "is me"]), capture_output=True, check=True)
    assert run.stdout == b"it is me\n"


def test_a_leashed_child_returns_what_its_program_returns() -> None:
    assert subprocess.run(leashed(["false"]), check=False).returncode == 1


def test_a_leashed_child_ends_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        assert int(parent.stdout.readline()) > 0
        parent.kill()
        # The child holds this pipe too: that it closes within the time is the child's end.
        assert parent.communicate(timeout=20)[0] == ""


def test_a_child_whose_parent_died_before_it_could_ask_never_starts() -> None:
    command = leashed(["echo", "too late"])
    somebody_else = command.index("-c") + 2
    command[somebody_else] = "1"
    run = subprocess.run(command, capture_output=True, check=False)
    assert run.stdout == b""
