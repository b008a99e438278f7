"""The file store keeps whole files under the digest of their bytes, and refuses every other name."""

import io

import pytest

from gongheng.crypto import labels
from gongheng.crypto.canonical import b64
from gongheng.trust.documents import store

pytestmark = pytest.mark.usefixtures("files")
ABC = b64(labels.digest(labels.FILE, b"abc"))


class Breaking(io.RawIOBase):
    """A stream that fails after its first block, like a connection that is cut."""

    def __init__(self):
        self.calls = 0

    def read(self, size=-1):
        self.calls += 1
        if self.calls > 1:
            raise ConnectionResetError
        return b"x" * 100


def test_a_file_is_found_under_the_labelled_digest_of_its_bytes():
    stored = store.put(io.BytesIO(b"abc"))
    assert stored == store.StoredFile(ABC, 3)
    with store.open(ABC) as stream:
        assert stream.read() == b"abc"
    assert store.exists(ABC)
    assert store.is_intact(ABC)


def test_storing_twice_leaves_one_file_and_nothing_half_done(files):
    store.put(io.BytesIO(b"abc"))
    store.put(io.BytesIO(b"abc"))
    assert [place.name for place in files.rglob("*") if place.is_file()] == [ABC]


def test_large_files_are_read_in_blocks():
    body = bytes(range(256)) * 12_000
    stored = store.put(io.BytesIO(body))
    assert stored.size == len(body)
    assert store.path(stored.digest).read_bytes() == body


def test_a_cut_connection_leaves_nothing(files):
    with pytest.raises(ConnectionResetError):
        store.put(Breaking())
    assert [place for place in files.rglob("*") if place.is_file()] == []


def test_changed_bytes_are_noticed():
    store.put(io.BytesIO(b"abc"))
    store.path(ABC).write_bytes(b"abd")
    assert not store.is_intact(ABC)


def test_sealed_parts_lie_under_names_that_tell_nothing_and_can_be_sent_again(files):
    name = store.new_sealed_name()
    first = store.put_sealed(name, io.BytesIO(b"abc"))
    again = store.put_sealed(name, io.BytesIO(b"abcd"))
    assert first.digest == ABC
    assert again.size == 4
    with store.open_sealed(name) as stream:
        assert stream.read() == b"abcd"
    assert not any(ABC in str(place) for place in files.rglob("*"))
    store.remove_sealed(name)
    store.remove_sealed(name)
    assert not store.sealed_path(name).exists()


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "a" * 42, "/" + "a" * 42, "a" * 43 + "\n", "ä" * 43, "a" * 40 + "/.."]
)
def test_a_name_that_is_no_digest_reaches_no_file(name):
    for find in (store.path, store.open, store.exists, store.sealed_path, store.open_sealed):
        with pytest.raises(ValueError, match="not a"):
            find(name)
