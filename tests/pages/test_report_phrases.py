"""The phrases that filters over words like best: beside a loop over all places of all sentences."""
import numpy as np

import numbacnn
from cli_runs import run
from numbacnn.insight import phrases_of
from numbacnn.models import build_model
from test_report import data_of, text_of

WORDS = ["<pad>", "not", "very", "good", "film", "dull"]


def test_phrases_are_those_with_the_largest_answers(rng):
    numbacnn.manual_seed(2)
    model = build_model("text_cnn", vocabulary=6, length=7, classes=2)
    model.eval()
    x = rng.integers(0, 6, (20, 7))
    layers = phrases_of(model, x, WORDS)
    assert [(layer["name"], layer["width"], len(layer["filters"])) for layer in layers] == [
        (f"filters.width{width}.conv", width, 32) for width in (3, 4, 5)]
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    for layer in layers:
        weight, bias = state[f"{layer['name']}.weight"], state[f"{layer['name']}.bias"]
        for k, found in enumerate(layer["filters"]):
            answers = {}
            for sentence in x:
                for place in range(7 - layer["width"] + 1):
                    window = sentence[place:place + layer["width"]]
                    answer = (weight[k] * state["embedding.weight"][window].T).sum() + bias[k]
                    words = [WORDS[token] for token in window]
                    while len(words) > 1 and words[-1] == "<pad>":
                        words.pop()
                    words = " ".join(words)
                    answers[words] = max(answer, answers.get(words, -np.inf))
            best = sorted(answers.values(), reverse=True)
            np.testing.assert_allclose([answer for _, answer in found["phrases"]], best[:3], rtol=1e-4, atol=1e-5)
            for words, answer in found["phrases"]:
                np.testing.assert_allclose(answer, answers[words], rtol=1e-4, atol=1e-5)
            assert found["dead"] == (best[0] <= 0)


def test_a_report_on_sentences_has_words(elsewhere):
    done = run("train", "--data", "phrases", "--limit", 60, "--epochs", 1, "--out", "run")
    assert done.exit_code == 0, done.output
    assert run("report", "run").exit_code == 0
    data, words = data_of(elsewhere / "run" / "report.html"), text_of(elsewhere / "run" / "report.html")
    assert data["filters"] == [] and data["pixels"] is None and len(data["phrases"]) == 3
    assert "What the filters look for" in words and data["phrases"][0]["filters"][0]["phrases"][0][0] in words
    assert all(isinstance(word, str) for word in data["errors"]["examples"]["values"][0])
