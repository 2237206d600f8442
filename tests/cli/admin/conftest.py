from pathlib import Path

import pytest

from support.installing import FOLDERS


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder in which every client that is written to is there."""
    for folder in FOLDERS.values():
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path
