from pathlib import Path

import pytest

from avparse.core.errors import DataError
from avparse.datasets.download.outcome import Ended, Outcome, brief, classify, read, write

MESSAGES = {
    "gone": [
        "ERROR: [youtube] --abc_12345: Video unavailable",
        "ERROR: [youtube] x: Video unavailable. This video has been removed by the uploader",
        "ERROR: [youtube] x: Video unavailable. This video is no longer available because the "
        "YouTube account associated with this video has been terminated.",
        "ERROR: [youtube] x: This video has been removed for violating YouTube's Terms of Service",
        "ERROR: [youtube] x: Video unavailable. This video is no longer available due to a "
        "copyright claim by Someone",
        "ERROR: [youtube] x: Video unavailable. This video contains content from Some Label, who "
        "has blocked it on copyright grounds",
        "ERROR: [youtube] x: This video is not available",
        "ERROR: [youtube] x: This video isn\u2019t here. This content isn\u2019t available.",
        "ERROR: [youtube] x: This live stream recording is not available.",
        "ERROR: [youtube] x: This video does not exist.",
        "ERROR: [generic] Unable to download webpage: HTTP Error 404: Not Found (caused by "
        "<HTTPError 404: Not Found>)",
        "ERROR: unable to download video data: HTTP Error 410: Gone",
    ],
    "private": [
        "ERROR: [youtube] x: Private video. Sign in if you've been granted access to this video. "
        "Use --cookies-from-browser or --cookies for the authentication.",
        "ERROR: [youtube] x: Video unavailable. This video is private",
        "ERROR: [youtube] x: Join this channel to get access to members-only content like this "
        "video, and other exclusive perks.",
        "ERROR: [youtube] x: This video is available to this channel's members on level: Gold",
        "ERROR: [youtube] x: This video requires payment to watch.",
        "ERROR: [youtube] x: This video is only available to Music Premium members",
    ],
    "region": [
        "ERROR: [youtube] x: The uploader has not made this video available in your country\n"
        "This video is available in Germany, France.\nYou might want to use a VPN",
        "ERROR: [youtube] x: Video unavailable. This video contains content from SME, who has "
        "blocked it in your country on copyright grounds",
        "ERROR: [youtube] x: Video unavailable. This video is not available in your country",
        "ERROR: This video is not available from your location due to geo restriction",
        "ERROR: [generic] HTTP Error 451: Unavailable For Legal Reasons",
    ],
    "age": [
        "ERROR: [youtube] x: Sign in to confirm your age. This video may be inappropriate for some "
        "users. Use --cookies-from-browser or --cookies for the authentication.",
        "ERROR: [youtube] x: This video is age-restricted and only available on YouTube",
    ],
    "throttled": [
        "ERROR: [youtube] x: Unable to download API page: HTTP Error 429: Too Many Requests "
        "(caused by <HTTPError 429: Too Many Requests>)",
        "ERROR: [youtube] x: Sign in to confirm you\u2019re not a bot. Use --cookies-from-browser "
        "or --cookies for the authentication. See  https://github.com/yt-dlp",
        "ERROR: [youtube] x: Video unavailable. This content isn't available, try again later. The "
        "current session has been rate-limited by YouTube for up to an hour. It is recommended to "
        "use `-t sleep` to add a delay between video requests",
        "ERROR: [youtube] x: Watch it later. YouTube is requiring a captcha challenge before "
        "playback",
        "ERROR: unable to download video data: HTTP Error 402: Payment Required",
    ],
    "stalled": [
        "ERROR: [download] Got error: The read operation timed out. Giving up after 1 retries",
        "ERROR: [youtube] x: Unable to download webpage: Connection to www.youtube.com timed out. "
        "(connect timeout=20.0) (caused by ConnectTimeoutError())",
    ],
    "network": [
        "ERROR: unable to download video data: HTTP Error 403: Forbidden",
        "ERROR: [generic] Unable to download webpage: HTTP Error 503: Service Unavailable",
        "ERROR: [youtube] x: Unable to download webpage: [Errno 111] Connection refused (caused by "
        "TransportError('[Errno 111] Connection refused'))",
        "ERROR: [youtube] x: Failed to resolve 'www.youtube.com' ([Errno -3] Temporary failure in "
        "name resolution)",
        "ERROR: [download] Got error: 150344 bytes read, 150344 more expected",
        "ERROR: [download] Got error: retrieval incomplete: got only 5 out of 10 bytes",
        "ERROR: unable to download video data: ('Connection aborted.', RemoteDisconnected())",
        "ERROR: [youtube] x: [SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred",
        "ERROR: [youtube] x: The page needs to be reloaded.",
        "ERROR: \r\n[download] Did not get any data blocks",
        "ERROR: The downloaded file is empty",
    ],
    "other": [
        "ERROR: [youtube] x: Requested format is not available. Use --list-formats for a list of "
        "available formats",
        "ERROR: [youtube:truncated_id] x: Incomplete YouTube ID x. URL looks truncated.",
        "ERROR: [youtube] x: This live event will begin in 3 days.",
        "ERROR: [youtube] private-tls: Signature extraction failed; please report this issue on "
        "https://github.com/yt-dlp/yt-dlp/issues",
        "ERROR: [generic] Unsupported URL: http://127.0.0.1/x",
        "",
    ],
}


@pytest.mark.parametrize(("outcome", "message"), [(o, m) for o, ms in MESSAGES.items() for m in ms])
def test_messages_tell_outcomes(outcome: str, message: str) -> None:
    assert classify(message) == outcome


def test_a_note_is_one_line_without_advice() -> None:
    assert brief(MESSAGES["region"][0]).endswith(
        "in your country This video is available in Germany, France."
    )
    assert brief(MESSAGES["private"][0]) == "Private video."
    assert brief("\x1b[0;31mERROR:\x1b[0m [youtube] x: Video unavailable") == "Video unavailable"
    assert len(brief("word " * 1000)) <= 200


def test_a_table_comes_back_sorted(tmp_path: Path) -> None:
    found = {"b": Ended(Outcome.OK), "-a": Ended(Outcome.GONE, "Video\nunavailable")}
    write(tmp_path / "table.tsv", found)
    assert (tmp_path / "table.tsv").read_text() == (
        "video\toutcome\tnote\n-a\tgone\tVideo unavailable\nb\tok\t\n"
    )
    assert list(read(tmp_path / "table.tsv")) == ["-a", "b"]
    assert read(tmp_path / "none.tsv") == {}


def test_a_table_with_other_words_is_refused(tmp_path: Path) -> None:
    (tmp_path / "table.tsv").write_text("video\toutcome\tnote\na\tfine\t\n")
    with pytest.raises(DataError, match=r"outcome 'fine' in row 2 of .*known: ok, gone"):
        read(tmp_path / "table.tsv")
