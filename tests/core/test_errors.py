import os
import pickle

from avparse.core.errors import MediaError


def test_an_error_is_one_line_of_text_whatever_a_file_is_called() -> None:
    error = MediaError("no video file two\nlines", os.fsdecode(b"a \xff.mp4"))
    assert str(error) == "no video file two lines: a \\udcff.mp4"
    assert str(error).encode()
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
