"""The fast engine says what the reference says, and every vector has length 1."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from corpus.encoder import (
    KEEN,
    MAX_TOKENS,
    BundledEncoder,
    Encoder,
    OpenVinoEncoder,
    ReferenceEncoder,
    SentenceTransformerEncoder,
    Vectors,
    bundled_weights,
    load_encoder,
)
from corpus.errors import BadSetting

TEXTS = [
    "South Korea had a net outflow of AI talent in 2023.",
    "What is J-Find?",
    "a",
    "",
    " ",
    "\n\n\t",
    ".",
    "-0.30",
    "+0.54 per 10,000 LinkedIn members",
    "10,000",
    "e=mc^2; f(x) = 3x + 2",
    "http://example.org/a/b?c=d#e",
    "<b>bold</b> & \"quoted\" 'text'",
    "UPPER CASE IS NOT LOWER CASE",
    "upper case is not lower case",
    "한국의 AI 인재 유출",
    "日本のAI人材流入",
    "人工智能人才流动",
    "Искусственный интеллект",
    "الذكاء الاصطناعي",
    "בינה מלאכותית",
    "ปัญญาประดิษฐ์",
    "Les talents en IA quittent le pays, dit-on \u00e0 S\u00e9oul.",
    "K\u00fcnstliche Intelligenz braucht Fachkr\u00e4fte.",
    "\U0001f680 \U0001f1f0\U0001f1f7 emoji \U0001f9e0",
    "zero\u200bwidth and soft\u00adhyphen",
    "\u202eright to left override",
    "a" * 400,
    "word " * 60,
    "word " * 255,
    "talent " * 1000,
    "The visa lasts two years. " * 80,
    "antidisestablishmentarianism floccinaucinihilipilification",
    "1 2 3 4 5 6 7 8 9 10 11 12",
    "| Country | 2023 |\n|---|---|\n| KOR | -0.30 |",
    "- a degree\n- a job offer\n- JPY 200,000 in savings",
    "Business managers received 6,335 permits.",
    "Luxembourg, Cyprus and the United Arab Emirates gained most.",
    "Why do researchers leave?",
    "[MASK] [CLS] [SEP] [UNK] [PAD]",
]  # fmt: skip


@pytest.fixture(scope="module")
def fast() -> BundledEncoder:
    return BundledEncoder(bundled_weights())


@pytest.fixture(scope="module")
def reference() -> Encoder:
    return SentenceTransformerEncoder("")


@pytest.fixture(scope="module")
def vectors(fast: Encoder, reference: Encoder) -> dict[str, Vectors]:
    one_by_one = np.concatenate([fast.encode([text]) for text in TEXTS])
    return {"fast": fast.encode(TEXTS), "question": one_by_one, "reference": reference.encode(TEXTS)}


def test_the_fast_engine_agrees_with_the_reference(vectors: dict[str, Vectors]) -> None:
    assert len(TEXTS) == 40
    cosines = (vectors["fast"] * vectors["reference"]).sum(axis=1)
    assert {t[:30]: float(c) for t, c in zip(TEXTS, cosines, strict=True) if c < 0.999} == {}


def test_a_question_has_the_vector_of_the_reference(vectors: dict[str, Vectors]) -> None:
    assert float(np.abs(vectors["question"] - vectors["reference"]).max()) < 2e-6


def test_all_engines_tell_the_same_tokens(fast: BundledEncoder) -> None:
    some = [t for t in TEXTS if t.strip()][:12]
    _, together = fast.encode_tokens(some)
    _, expected = ReferenceEncoder().encode_tokens(some)
    for n, text in enumerate(some):
        (alone,) = fast.encode_tokens([text])[1]
        for told in (together[n], alone):
            assert told.shape == expected[n].shape, text
            assert np.abs(told.astype(int) - expected[n]).max() <= 2, text  # of 127; bf16 may round otherwise


def test_both_engines_say_that_they_are_the_same_model(fast: Encoder, reference: Encoder) -> None:
    assert (fast.name, fast.dimensions) == (reference.name, reference.dimensions) == ("all-MiniLM-L6-v2", 384)


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_no_texts_give_no_vectors_of_the_right_width(engine: str, request: pytest.FixtureRequest) -> None:
    out = request.getfixturevalue(engine).encode([])
    assert (out.shape, out.dtype) == ((0, 384), np.float32)


@pytest.mark.parametrize("engine", ["fast", "question", "reference"])
def test_every_vector_has_length_one(engine: str, vectors: dict[str, Vectors]) -> None:
    out = vectors[engine]
    assert (out.shape, out.dtype) == ((len(TEXTS), 384), np.float32)
    assert np.allclose(np.linalg.norm(out, axis=1), 1, atol=1e-3)


def test_vectors_come_in_the_order_of_the_texts(fast: Encoder, vectors: dict[str, Vectors]) -> None:
    together = vectors["fast"]
    alone = np.concatenate([fast.encode([t]) for t in TEXTS])
    assert float((together * alone).sum(axis=1).min()) > 0.999


def test_a_long_text_is_read_to_the_limit_of_the_model_and_not_of_its_tokenizer(fast: Encoder) -> None:
    filler = "visa " * 150  # beyond the 128 tokens at which tokenizer.json would cut
    a, b = fast.encode([filler + "bees " * 80, filler + "ships " * 80])
    assert float(a @ b) < 0.98
    past = "visa " * MAX_TOKENS
    a, b = fast.encode([past + "bees", past + "ships"])
    assert float(a @ b) > 0.9999


def test_many_threads_get_the_vectors_of_their_own_texts(fast: Encoder) -> None:
    expected = fast.encode(TEXTS[:8])
    wrong: list[int] = []

    def ask(i: int) -> None:
        for _ in range(5):
            if float(fast.encode([TEXTS[i]])[0] @ expected[i]) < 0.999:
                wrong.append(i)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_bundled_encoder_is_the_fast_engine_and_loaded_once() -> None:
    held = load_encoder("")
    assert isinstance(held, BundledEncoder)
    assert isinstance(held._documents, OpenVinoEncoder)
    assert load_encoder("") is held


def test_a_folder_of_a_model_can_be_named(fast: Encoder) -> None:
    named = load_encoder(str(bundled_weights()))
    assert isinstance(named, SentenceTransformerEncoder)
    assert named.name == str(bundled_weights())
    assert float(named.encode(["talent"])[0] @ fast.encode(["talent"])[0]) > 0.999


def test_a_model_that_is_not_there_is_a_wrong_setting() -> None:
    with pytest.raises(BadSetting, match=r"FOOTNOTE_ENCODER='/no/such/model'"):
        load_encoder("/no/such/model")


def test_a_process_that_goes_on_asking_reads_questions_with_a_compiled_model_and_the_same_vectors() -> None:
    made = BundledEncoder(bundled_weights())
    cold = [made.encode_tokens([text]) for text in TEXTS[: KEEN - 1]]
    assert made._warming is None
    made.encode(["One more question."])
    assert made._warming is not None
    made._warming.join()
    assert made._warm is not None
    made._question.cache_clear()
    for text, (vectors, tokens) in zip(TEXTS, cold, strict=False):
        again, found = made.encode_tokens([text])
        assert np.abs(again - vectors).max() < 1e-6
        assert np.abs(found[0].astype(int) - tokens[0]).max() <= 1  # a rounding may fall to the other side
    kept = made._model
    for text in TEXTS:  # of every length, to the limit of the model
        vector, tokens = made._warm.read(text)
        assert np.abs(vector - kept.read(text)[0]).max() < 1e-5
        assert len(tokens) == len(kept.read(text)[1])


def test_where_openvino_does_not_open_questions_go_on_in_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ImportError("no wheel for this platform")

    monkeypatch.setattr("corpus.encoder._openvino", missing)
    made = BundledEncoder(bundled_weights())
    made.warm().join()
    assert made._warm is None
    assert np.linalg.norm(made.encode(["What is J-Find?"])[0]) == pytest.approx(1, abs=1e-5)


def test_threads_that_ask_while_the_engine_opens_get_the_vectors_of_their_own_texts() -> None:
    made = BundledEncoder(bundled_weights())
    warming = made.warm()
    right = {text: made._model.read(text)[0] for text in TEXTS}
    wrong: list[str] = []

    def ask() -> None:
        for _ in range(3):
            for text, vector in right.items():
                made._question.cache_clear()
                if np.abs(made.encode([text])[0] - vector).max() > 1e-5:
                    wrong.append(text)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in [*threads, warming]:
        thread.join()
    assert made._warm is not None
    assert not wrong


def test_a_question_imports_neither_torch_nor_transformers(fast: Encoder) -> None:
    code = (
        "import sys; from corpus.encoder import load_encoder; print(load_encoder('').encode(['x']).shape,"
        " [m for m in ('torch', 'transformers', 'sentence_transformers', 'openvino') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (run.stdout, run.returncode) == ("(1, 384) []\n", 0), run.stderr


def test_the_graph_is_converted_where_there_is_none_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: Encoder
) -> None:
    monkeypatch.setenv("FOOTNOTE_CACHE", str(tmp_path / "cache"))
    made = BundledEncoder(bundled_weights())
    assert float(made.encode(["talent"] * 5)[0] @ reference.encode(["talent"])[0]) > 0.999
    assert float(made.encode(["talent"])[0] @ reference.encode(["talent"])[0]) > 0.99999
    assert sorted(p.name.partition("-")[0] for p in (tmp_path / "cache").iterdir()) == ["encoder", "questions"]
    (folder,) = (tmp_path / "cache").glob("encoder-*")
    assert {p.name for p in folder.iterdir()} == {"model.xml", "model.bin"}


def test_without_a_place_to_cache_a_question_is_still_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fast: Encoder
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOOTNOTE_CACHE", str(tmp_path / "file" / "cache"))
    alone = BundledEncoder(bundled_weights()).encode(["talent"])[0]
    assert float(alone @ fast.encode(["talent"])[0]) > 0.99999
