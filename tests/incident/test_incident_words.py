"""What lines say has happened; and what they do not."""

import pytest

from ironcliw.incident import recognise
from ironcliw.incident.words import LINE_LENGTH_MAX

ERRORS = {
    "Traceback (most recent call last):": None,
    "ValueError: invalid literal for int()": "ValueError",
    "E   AssertionError: assert 3 == 4": "AssertionError",
    "java.lang.NullPointerException: at Main": "NullPointerException",
    "CypressError: Timed out retrying: Expected to find": "CypressError",
    "src/main.rs:7:5: error: expected `;`": "main.rs",
    "main.c(12): error C2143: syntax error": "C2143",
    "error[E0308]: mismatched types": "E0308",
    "app.ts(3,9): error TS2322: Type 'string'": "TS2322",
    "main.o: undefined reference to `start'": None,
    "collect2: error: ld returned 1 exit status": None,
    "make: *** [Makefile:3: all] Error 2": None,
    "2026-11-27 12:00:01,123 app ERROR cannot reach the store": None,
    "[ERROR] Failed to execute goal": None,
    "bash: frobnicate: command not found": None,
    "Process exited with code 137": "137",
    "Segmentation fault (core dumped)": None,
    "HTTP/1.1 503 Service Unavailable": "503",
    "502 Bad Gateway": "502",
    "3 failed, 12 passed in 2.13s": None,
    "1 Tests 1 Failures 0 Ignored": None,
    "FAILED tests/test_a.py::test_b": None,
    "--- FAIL: TestParse (0.00s)": None,
    "BUILD FAILED in 3s": None,
    "npm ERR! code ELIFECYCLE": None,
    "Binder Error: column must appear in GROUP BY": None,
    "fatal: not a git repository": None,
}
SUCCESSES = (
    "12 passed in 2.13s",
    "test result: ok. 31 passed; 0 failed; 0 ignored",
    "1 Tests 0 Failures 0 Ignored",
    "Build Successfully",
    "BUILD SUCCESSFUL in 3s",
    "Successfully installed numpy-2.0",
    "Finished Installing /Applications/Cypress.app",
    "0 errors, 2 warnings",
    "All checks passed!",
    "OK",
)
PERMISSIONS = (
    "[sudo] password for joe:",
    '"Slack" would like to send you notifications',
    "Do you want to allow this app to make changes to your device?",
    "Do you trust the authors of the files in this folder?",
    "Are you sure you want to continue connecting (yes/no/[fingerprint])?",
    "Overwrite? [y/N]",
    "Authentication is required to install software",
)
NOTHING = (
    "raise ValueError(message)",
    "except ValueError as error:",
    "console.error('could not load')",
    "LOG_LEVEL = ERROR",
    "Error handling",
    "Errors and failures are handled in the next chapter",
    "If the build failed, run make clean",
    "Process exited with code 0",
    "-- Performing Test HAVE_FLAG - Failed",
    "Completed",
    "should allow me to add todo items",
    "27/11/2026",
    "File Edit View Help",
    "E",
    "",
)


@pytest.mark.parametrize(("line", "token"), ERRORS.items())
def test_errors_are_known_by_their_form(line: str, token: str | None):
    recognised = recognise(line)
    assert recognised is not None
    assert recognised.kind == "error"
    assert recognised.identity
    assert token is None or token in recognised.identity


@pytest.mark.parametrize("line", SUCCESSES)
def test_successes_are_known_by_their_form(line: str):
    recognised = recognise(line)
    assert recognised is not None
    assert recognised.kind == "success"


@pytest.mark.parametrize("line", PERMISSIONS)
def test_prompts_are_known_by_their_form(line: str):
    recognised = recognise(line)
    assert recognised is not None
    assert recognised.kind == "permission"


@pytest.mark.parametrize("line", NOTHING)
def test_words_alone_prove_nothing(line: str):
    assert recognise(line) is None


def test_identity_keeps_file_and_line_and_no_folder():
    recognised = recognise("/home/joe/src/app/main.c:12:3: error: expected ';'")
    assert recognised is not None
    assert recognised.identity == ("main.c", "12")


def test_a_time_in_front_is_no_part_of_the_identity():
    one, other = recognise("12:00:01 BUILD FAILED"), recognise("12:07:44 BUILD FAILED")
    assert one == other


def test_a_line_without_end_takes_no_time_without_end():
    line = "error " * 200_000
    assert recognise(line) == recognise(line[:LINE_LENGTH_MAX])
