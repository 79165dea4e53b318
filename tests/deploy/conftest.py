"""What the tests of this folder share."""

import pytest

from tests.deploy.installed import Installed, install


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The package, built and installed once for all tests."""
    return install(tmp_path_factory.mktemp("installed"))
