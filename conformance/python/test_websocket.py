"""The Autobahn cases against the frame codec, without those for load (9) and compression (12, 13), which take minutes."""

import collections
import json
import pathlib
import subprocess
import sys

# NON-STRICT is text that is found not to be UTF-8 at the end of its frame instead of at the wrong byte.
GOOD = {"OK", "INFORMATIONAL", "NON-STRICT"}
LEFT_OUT = ["9.*", "12.*", "13.*"]


def test_autobahn(server, tmp_path):
    address = server("ws-echo").removeprefix("http://")
    runner = pathlib.Path(sys.executable).parent / "kosoku"
    excluded = [argument for case in LEFT_OUT for argument in ("-x", case)]
    command = [runner, "-m", "fuzzingclient", address, "-p", "4", "-o", tmp_path, *excluded]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (cases,) = json.loads((tmp_path / "index.json").read_text()).values()
    assert len(cases) == 247
    bad = {name: case for name, case in cases.items() if not {case["behavior"], case["behaviorClose"]} <= GOOD}
    assert bad == {}, collections.Counter(case["behavior"] for case in cases.values())
