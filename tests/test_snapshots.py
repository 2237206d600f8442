"""The kept sentences are those of today's tests."""

from support.snapshots import exists, read_sentences


def test_every_kept_sentence_belongs_to_a_test() -> None:
    assert [test for test in read_sentences() if not exists(test)] == []
