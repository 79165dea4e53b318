"""What a process must be before thousands come."""

import subprocess
import sys

LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (128, 2048))
from showroom.process import allow_many_sockets
allow_many_sockets()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def test_a_low_limit_of_open_files_is_lifted_to_what_the_system_allows() -> None:
    answer = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, check=True)
    assert answer.stdout.split() == [b"2048", b"2048"]
