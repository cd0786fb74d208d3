"""Digest answers, against the examples of the standards."""

from __future__ import annotations

import time

import pytest

from voice.protocols.digest import Credentials, best_challenge

CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, response: str):
    challenge = best_challenge([RFC_7616.format(algorithm=algorithm)])
    assert challenge is not None
    me = Credentials("Mufasa", "Circle of Life")
    answer = me.answer(challenge, "GET", "/dir/index.html", cnonce=CNONCE)
    assert f'response="{response}"' in answer
    assert "nc=00000001" in answer
    assert "qop=auth," in answer
    assert 'opaque="FQhe' in answer


def test_the_example_of_rfc_2069_without_qop():
    """As corrected by its erratum; cameras still ask like this."""
    challenge = best_challenge(
        ['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"']
    )
    assert challenge is not None
    answer = Credentials("Mufasa", "CircleOfLife").answer(
        challenge, "GET", "/dir/index.html", cnonce=CNONCE
    )
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in answer
    assert "qop" not in answer
    assert "cnonce" not in answer


def test_a_nonce_used_again_counts_on():
    challenge = best_challenge([RFC_7616.format(algorithm="MD5")])
    assert challenge is not None
    me = Credentials("Mufasa", "Circle of Life")
    counts = [me.answer(challenge, "GET", "/", cnonce="1").partition("nc=")[2][:8] for _ in "123"]
    assert counts == ["00000001", "00000002", "00000003"]


@pytest.mark.parametrize(
    ("headers", "scheme", "algorithm"),
    [
        (['Basic realm="x"', 'Digest realm="x", nonce="1"'], "digest", ""),
        (['Basic realm="x", Digest realm="x", nonce="1", algorithm=SHA-256'], "digest", "SHA-256"),
        (
            [
                'Digest realm="x", nonce="1", algorithm=MD5',
                'Digest realm="x", nonce="1", algorithm=SHA-256',
            ],
            "digest",
            "SHA-256",
        ),
        (['Digest realm="x", nonce="1", algorithm=MD5-sess, qop="auth"'], "digest", "MD5-sess"),
        (['Basic realm="only, this"'], "basic", ""),
    ],
)
def test_the_strongest_challenge_is_answered(headers: list[str], scheme: str, algorithm: str):
    challenge = best_challenge(headers)
    assert challenge is not None
    assert (challenge.scheme, challenge.algorithm) == (scheme, algorithm)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", 'Digest realm="x", nonce="1", algorithm=SHA3', "Digest qop=auth-int, nonce=1"],
)
def test_what_cannot_be_answered_is_no_challenge(header: str):
    assert best_challenge([header]) is None


def test_basic_and_odd_names():
    challenge = best_challenge(['Basic realm="x"'])
    assert challenge is not None
    assert Credentials("a", "密码").answer(challenge, "GET", "/", cnonce="") == "Basic YTrlr4bnoIE="
    digest = best_challenge(['Digest realm="a \\"b\\"", nonce="1"'])
    assert digest is not None
    assert digest.realm == 'a "b"'
    answer = Credentials('o"x', "p").answer(digest, "GET", "/", cnonce="1")
    assert r'username="o\"x", realm="a \"b\""' in answer


@pytest.mark.parametrize(
    "word", ["a" * 60_000, "a-" * 30_000, 'a="\\"' * 12_000, ", digest a" * 6_000]
)
def test_a_long_challenge_holds_nothing_up(word: str):
    begun = time.process_time()
    best_challenge([f"Digest {word}"])
    assert time.process_time() - begun < 1


def test_a_password_is_not_shown():
    assert "geheim" not in repr(Credentials("root", "geheim"))
