"""Tables as people have them: what is read, what is said about it, and what is refused."""

import bz2
import gzip
import lzma

import numpy as np
import pytest
from few_tables import BODY, HEADING, LAST, LENGTH, NAMES, PIXELS, ROWS, K, X, all_of, assert_readings, pixel_rows

from numbacnn.data import Choices, DataError, load_csv, load_dataset


LAYOUTS = {
    "commas": BODY,
    "heading": [HEADING, *BODY],
    "semicolons": [line.replace(",", ";") for line in BODY],
    "tabs": [line.replace(",", "\t") for line in [HEADING, *BODY]],
    "pipes": [line.replace(",", "|") for line in BODY],
    "spaces": [line.replace(",", " ") for line in BODY],
    "fixed width": ["".join(f"{value:10.3f}" for value in (k, *row)) for k, row in zip(K, X)],
    "spaces after commas": [line.replace(",", " , ") for line in [HEADING, *BODY]],
    "decimal commas": [line.replace(",", ";").replace(".", ",") for line in [HEADING, *BODY]],
    "tabs and decimal commas": [line.replace(",", "\t").replace(".", ",") for line in BODY],
    "quoted decimal commas": [",".join('"' + cell.replace(".", ",") + '"' for cell in line.split(",")) for line in BODY],
    "quoted": [",".join(f'"{cell}"' for cell in line.split(",")) for line in [HEADING, *BODY]],
    "separator named": ["sep=;", *(line.replace(",", ";") for line in BODY)],
    "separator behind": [line + "," for line in [HEADING, *BODY]],
    "separator behind rows alone": [HEADING, *(line + "," for line in BODY)],
    "empty rows behind": [HEADING, *BODY, ",,,,,,", ",,,,,,"],
    "blank lines": ["", HEADING, "", *BODY, "", "  "],
    "comments": ["# logger 7", "% 50 Hz", *BODY],
    "heading in a comment": ["# written by a program", "# " + ",".join(NAMES) + ",label", *LAST],
    "label last by heading": [",".join(NAMES) + ",Class", *LAST],
    "label in the middle": ["t0,TARGET," + ",".join(NAMES[1:]), *(f"{row[0]},{k}," + ",".join(map(str, row[1:])) for k, row in zip(K, X))],
    "counted columns": ["label," + ",".join(map(str, range(LENGTH))), *BODY],
    "counted from one": ["label," + ",".join(map(str, range(1, LENGTH + 1))), *BODY],
    "every column counted": [",".join(map(str, range(LENGTH + 1))), *BODY],
    "two headings alike": ["label," + ",".join(["t"] * LENGTH), *BODY],
    "index without heading": ["," + HEADING, *(f"{i},{line}" for i, line in enumerate(BODY))],
    "index of pandas": ["Unnamed: 0," + HEADING, *(f"{i},{line}" for i, line in enumerate(BODY))],
    "id in any order": ["ID," + HEADING, *(f"{i * 7 % 37},{line}" for i, line in enumerate(BODY))],
    "id last": [HEADING + ",id", *(f"{line},{i}" for i, line in enumerate(BODY))],
    "names of rows": [HEADING, *(f'"{i}",{line}' for i, line in enumerate(BODY))],
    "file names": ["file," + HEADING, *(f"{i}.png,{line}" for i, line in enumerate(BODY))],
    "times": ["time," + HEADING, *(f"2026-01-01 00:{i:02d},{line}" for i, line in enumerate(BODY))],
    "three names of rows": ["id,index,no,kind," + ",".join(NAMES) + ",nr,row,idx", *(
        f"{i},{i},{i},{line},{i},{i},{i}" for i, line in enumerate(BODY))],
    "counted rows": [f"{i},{line}" for i, line in enumerate(BODY)],
    "labels as floats": [f"{k:.7e},{line.split(',', 1)[1]}" for k, line in zip(K, BODY)],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(table, layout):
    assert_readings(all_of(table(LAYOUTS[layout])))


@pytest.mark.parametrize("end", ["\r\n", "\r"], ids=["crlf", "cr"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_ends_of_lines_and_encodings(table, end, encoding):
    assert_readings(all_of(table([HEADING, *BODY], encoding=encoding, end=end)))


@pytest.mark.parametrize("name, pack", [("a.csv.gz", gzip.compress), ("a.csv.bz2", bz2.compress), ("a.tsv.xz", lzma.compress)])
def test_compressed(table, name, pack):
    path = table([HEADING, *BODY], name=name)
    path.write_bytes(pack(path.read_bytes()))
    assert load_dataset(path, whole=True).x_test.shape == (ROWS, 1, LENGTH)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(DataError, match="is damaged or cut off"):
        load_dataset(path)


@pytest.mark.parametrize("name", ["without_ending", "some.txt", "some.data", "SOME.CSV"])
def test_other_names(table, name):
    assert load_dataset(table(BODY, name=name), whole=True).x_test.shape == (ROWS, 1, LENGTH)


@pytest.mark.parametrize("labels, classes", [
    (["-1", "2", "10"], ("-1", "2", "10")),
    (["1", "1.0", "2"], ("1", "2")),
    (["007", "008", "010"], ("007", "008", "010")),
    (["true", "false", "true"], ("false", "true")),
    (["2026-01-01", "2026-01-02", "2025-01-01"], ("2025-01-01", "2026-01-01", "2026-01-02")),
    (['"a, b"', '"the ""x"""', "c"], ("a, b", "c", 'the "x"')),
    (["'a'", "'b'", "'c'"], ("a", "b", "c")),
    (["café", "thé", "eau"], ("café", "eau", "thé")),
    (['"two\nlines"', "b", "c"], ("b", "c", "two lines")),
])
def test_labels(table, labels, classes):
    split = all_of(table([f"{labels[k]},{line.split(',', 1)[1]}" for k, line in zip(K, BODY)]))
    assert split.classes == classes and len(split.x_test) == ROWS
    assert np.bincount(split.y_test).sum() == ROWS


REFUSED = {
    "no heading, label last": (LAST, "first column has 36 different values in 36 rows.*--label last"),
    "heading that says nothing, label last": ([",".join(NAMES) + ",kind", *LAST], "--label kind"),
    "both may be it": ([f"{i % 4},{line}" for i, line in enumerate(LAST)], "--label first or --label last"),
    "both may be it by words": ([f"{'ab'[i % 2]},{line}x" for i, line in enumerate(LAST)], "column 1 and column 8 hold words"),
    "both by heading": (["label," + ",".join(NAMES) + ",class", *(f"{i % 2},{line}" for i, line in enumerate(LAST))], "'label' and 'class'"),
    "no labels": ([",".join(NAMES), *(line.split(",", 1)[1] for line in BODY)], "no column is known to hold the labels"),
    "no labels among pixels": ([",".join(map(str, row)) for row in PIXELS % 9], "looks like the numbers beside it"),
    "pixels without labels": ([",".join(f"pixel{j}" for j in range(64)), *(",".join(map(str, row)) for row in PIXELS % 3)], "'pixel0'. looks like"),
    "quantity, not class": ([",".join(NAMES) + ",y", *(f"{line},{i}.5" for i, line in enumerate(line.rsplit(",", 1)[0] for line in LAST))], "36 different labels"),
    "one label": ([f"a,{line}" for line in BODY], "every row has the label 'a'; at least 2"),
    "a label alone": (["label,id", *(f"{'ab'[i % 2]},{i}" for i in range(ROWS))], "no numbers beside column 'label'; a row needs"),
    "counts before sequences": ([f"{i}," + "5," * (i % 3) + "7" for i in range(ROWS)], "first column has 3. different values in 3. rows, too many"),
    "counts alone": (["id,index", *(f"{i},{i}" for i in range(ROWS))], "no numbers, only columns that name or count the rows"),
    "one column among counts": (["id,index,x,no,nr", *(f"{i},{i},{i % 3}.5,{i},{i}" for i in range(ROWS))], "no numbers beside column 'x'"),
    "label missing": ([HEADING, *BODY[:3], "," + BODY[3].split(",", 1)[1], *BODY[4:]], "row 5: has no label"),
    "label not available": ([HEADING, *BODY[:3], "NA," + BODY[3].split(",", 1)[1], *BODY[4:]], "row 5: has no label .'NA'"),
    "words beside the label": (["label,site," + ",".join(NAMES), *(line.replace(",", f",{'AB'[i % 2]},", 1) for i, line in enumerate(BODY))], "'site'. holds words .A, B"),
    "only words": (["label,text", *(f"{'ab'[i % 2]},words {i}" for i in range(ROWS))], "no columns of numbers.*token ids"),
    "units below the heading": ([HEADING, "-," + ",".join(["mV"] * LENGTH), *BODY], "row 2, column 't0': 'mV'"),
    "heading too long": ([HEADING + ",t6,t7", *BODY], "heading names 9 columns, but the rows have 7"),
    "short row": ([HEADING, *BODY[:5], BODY[5].rsplit(",", 1)[0], *BODY[6:]], "row 7: has 6 cells .*most rows have 7"),
    "long row": ([HEADING, *BODY[:5], BODY[5] + ",7", *BODY[6:]], "row 7: has 8 cells"),
    "short row of pixels": ([*pixel_rows()[:20], "1,2,3", *pixel_rows()[20:]], "row 21: has 3 cells.*--kind tokens"),
    "open quote": ([HEADING, *BODY[:3], '"' + BODY[3]], "row 5: a quotation mark"),
    "points and commas": (["a;1,5;2,5", "b;2.5;3,5"] * 6, "row 2: '2.5' has a point"),
    "thousands": (["a;1.234,5;2,5", "b;2,5;3,5"] * 6, "row 1, column 2"),
    "one column": (["a", "b"] * 6, "has one column"),
    "color": ([f"{k}," + ",".join(map(str, row)) for k, row in zip(K, np.tile(PIXELS, 3))], "--shape 3x8x8 .*--shape 8x8x3"),
    "nothing": (["", " "], "is empty"),
    "a heading alone": ([HEADING], "a heading but no rows"),
    "comments alone": (["# a", "% b"], "only comments"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(table, case):
    lines, words = REFUSED[case]
    with pytest.raises(DataError, match=words) as caught:
        load_csv(table(lines))
    assert "some.csv" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("cell", ["", "NA", "nan", "inf", "?", "1.2.3", "1_000", "0x1F", "45%", "\u22125", "two", "1e39", "-1e400"])
@pytest.mark.parametrize("column", [1, 3, 6])
def test_the_cell_that_is_no_number_is_named(table, cell, column):
    cells = BODY[4].split(",")
    cells[column] = cell
    lines = [HEADING, *BODY[:4], ",".join(cells), *BODY[5:]]
    if cell == "" and column == 6:
        words = "row 6: has 6 cells"
    else:
        words = rf"row 6, column 't{column - 1}'"
    with pytest.raises(DataError, match=words):
        load_csv(table(lines))


def test_the_largest_float32_is_read(table):
    largest = repr(float(np.finfo(np.float32).max))
    split = all_of(table([f"{k},{largest},{row[0]}" for k, row in zip(K, X)]))
    assert split.x_test[0, 0, 0] == np.finfo(np.float32).max
    with pytest.raises(DataError, match="row 1, column 2: 3.5e38 is too large for float32"):
        all_of(table([f"{k},3.5e38,{row[0]}" for k, row in zip(K, X)]))


@pytest.mark.parametrize("content, words", [
    ("1,\xe9".encode("latin-1"), "row 1: byte 0xe9 is not UTF-8.*save the table as UTF-8"),
    ("1,2\n3,4\n".encode("utf-16-le"), "NUL"),
    (b"1,2\n\0\0\0", "row 2: holds a NUL"),
    (b"", "is empty"),
])
def test_bytes_that_are_no_text(tmp_path, content, words):
    path = tmp_path / "bytes.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=words):
        load_csv(path)


def test_what_is_left_out_is_noted(table):
    lines = ["# logger 7", "id,file," + HEADING, *(f"{i},{i}.png,{line}" for i, line in enumerate(BODY)), ",,,,,,,,"]
    notes = "\n".join(all_of(table(lines)).notes)
    for words in ("1 comment line", "1 row of empty cells", "first column ('id') names or counts", "('file') has words that differ"):
        assert words in notes


def test_label_options(table):
    assert_readings(all_of(table(LAST), label="last"))
    assert_readings(all_of(table(BODY), label="first"))
    assert_readings(all_of(table([",".join(NAMES) + ",kind", *LAST]), label="KIND"))
    with pytest.raises(DataError, match="has no heading; give first or last"):
        all_of(table(LAST), label="kind")
    with pytest.raises(DataError, match="has the columns label, t0.* first or last"):
        all_of(table([HEADING, *BODY]), label="nothing")
    with pytest.raises(DataError, match="2 columns with this heading"):
        all_of(table(["label,t,t", *(",".join(line.split(",")[:3]) for line in BODY)]), label="t")
    notes = load_csv(table([f"{i},{line}" for i, line in enumerate(LAST)]), Choices(label="first")).notes
    assert "36 different labels in 36 rows" in notes[0]


def test_words_alone_tell_the_label(table):
    lines = [",".join(map(str, row)) + f",Iris-{'abc'[k]}" for k, row in zip(K, X)]
    split = all_of(table(lines))
    assert_readings(split, ("Iris-a", "Iris-b", "Iris-c"))
    assert "last column holds the labels, for it alone has words" in split.notes[0]


def test_labels_that_differ_in_capitals_are_noted(table):
    split = all_of(table([f"{['cat', 'Cat', 'dog'][k]},{line.split(',', 1)[1]}" for k, line in zip(K, BODY)]))
    assert split.classes == ("Cat", "cat", "dog") and "'Cat' and 'cat' differ in capitals only" in split.notes[0]


@pytest.mark.parametrize("labels, said", [
    (["cat", "cat ", "dog"], "'cat ' and 'cat'"), (["cat", " cat", "dog "], "'cat' and ' cat'"), (['"cat "', "cat", "dog"], "'cat ' and 'cat'"),
    ([" cat ", " cat ", " dog"], ""), (["cat", "cat", "dog"], ""), (["1", "1 ", "2"], "")], ids=str)
def test_labels_that_differ_in_spaces_are_one_class_and_noted(table, labels, said):
    split = all_of(table([f"{labels[k]},{line.split(',', 1)[1]}" for k, line in zip(K, BODY)]))
    assert split.classes == (("1", "2") if labels[0] == "1" else ("cat", "dog"))
    np.testing.assert_array_equal(split.y_test, K == 2)
    notes = [note for note in split.notes if "spaces" in note]
    assert bool(notes) == bool(said)
    if said:
        [note] = notes
        first, second = said.split(" and ")
        assert first in note and second in note and note.endswith("differ in spaces only, and count as one class")


def test_spaces_around_the_label_of_a_sequence_are_noted_too(table):
    lines = [f"{'good ' if k % 4 else 'good'},{','.join('12345'[:1 + k % 5])}" for k in range(24)]
    split = all_of(table(lines), kind="tokens")
    assert split.classes == ("good",) and any("'good' and 'good '" in note for note in split.notes)


def test_labels_in_another_spelling_than_those_of_a_run_are_noted(table):
    path = table([f"{['Cat', 'dog', 'owl'][k]},{line.split(',', 1)[1]}" for k, line in zip(K, BODY)])
    data = load_dataset(path, classes=("owl", "cat", "dog"), whole=True)
    np.testing.assert_array_equal(data.y_test, np.array([1, 2, 0])[K])
    assert [note for note in data.notes if "taken for" in note] == [f"{path}: 'Cat' taken for 'cat'"]


def test_accents_that_are_stored_in_two_ways_are_noted(table):
    spelled = ["caf\u00e9", "cafe\u0301", "dog"]
    split = all_of(table([f"{spelled[k]},{line.split(',', 1)[1]}" for k, line in zip(K, BODY)]))
    assert len(split.classes) == 3 and "differ in capitals or in how accents are stored only, and count as 2 classes" in split.notes[0]


def test_true_and_false_are_numbers_beside_a_label(table):
    split = all_of(table([f"{k}," + ",".join(str(bool(value > 0)) for value in row) for k, row in zip(K, X)]), kind="series")
    np.testing.assert_array_equal(split.x_test[:, 0], X > 0)
    assert "True and False are read as 1 and 0" in split.notes[0]
