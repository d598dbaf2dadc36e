"""The pytest plugin, in a pytest of its own.

It runs in a process of its own too: pytester takes back what a run in this one has imported, and
torch cannot be imported a second time.
"""

import inspect

from crosscheck import check

TWIN = """
    import torch
    from crosscheck import Twin, real

    def twin(factor):
        return Twin(
            "double",
            torch=lambda x: factor * x,
            definition=lambda x: 2 * x,
            inputs={"x": real("n")},
        )

    def test_it(check_twin):
        report = check_twin(twin(FACTOR), questions=["value"], dtypes=["float32"])
        assert report.ok
"""


def test_a_right_twin_passes(pytester):
    pytester.makepyfile(TWIN.replace("FACTOR", "2"))
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_wrong_twin_fails_with_the_report(pytester):
    pytester.makepyfile(TWIN.replace("FACTOR", "2.001"))
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*double-value-float32*culprit torch*", "*reproduce: crosscheck.check*"]
    )


def test_the_fields_of_a_twin_will_do(pytester):
    pytester.makepyfile(
        """
        from crosscheck import real

        def test_it(check_twin):
            check_twin(name="y", torch=lambda x: -x, definition=lambda x: -x,
                       inputs={"x": real("n")}, questions=["vjp"], dtypes=["float32"])
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_the_plugin_is_listed_and_has_a_docstring(pytester):
    result = pytester.runpytest_inprocess("--fixtures")
    result.stdout.fnmatch_lines(["check_twin*"])


def test_the_signature_is_that_of_check(check_twin):
    assert inspect.signature(check_twin) == inspect.signature(check)
