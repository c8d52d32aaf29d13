# SPDX-License-Identifier: MIT
"""CONTRIBUTING.md's example of a new endpoint is true: followed as written, it generates and compiles."""
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FLAGS = ["-std=gnu17", "-fsyntax-only", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Wmissing-prototypes", "-isystem", "/usr/include/postgresql"]


def blocks(language):
    text = (ROOT / "CONTRIBUTING.md").read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def tree(tmp_path):
    """The parts of the project that the example touches, to change at will."""
    for part in ("lib", "proto", "services/license"):
        shutil.copytree(ROOT / part, tmp_path / part)
    path, schema = blocks("yaml")
    spec = tmp_path / "proto/license.yaml"
    text = spec.read_text().replace("\ncomponents:\n", f"\n{path}\ncomponents:\n") + schema
    spec.write_text(text)
    subprocess.run([ROOT / "tools/protogen", "--out", tmp_path / "build/gen", *sorted((tmp_path / "proto").glob("*.yaml"))], check=True)
    return tmp_path


def compile_c(tree, file):
    done = subprocess.run(["gcc", *FLAGS, "-I", tree, "-I", tree / "build", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_endpoint_is_routed_and_described(tree):
    assert '"GET", "/v2/license/left", "rpc.license.left", ROUTE_AUTH_NONE, ROUTE_RATE_LICENSE' in (tree / "build/gen/gateway/routes.c").read_text()
    assert '"/v2/license/left"' in (tree / "build/gen/openapi.json").read_text()


def test_the_handler_and_the_query_compile(tree):
    handler, query = blocks("c")
    prototype = re.search(r"^(enum status keys_days_left\(.*?\))\n", query, re.MULTILINE)[1]
    store = tree / "services/license/store"
    (store / "keys.h").write_text((store / "keys.h").read_text() + f"\nMUST_CHECK {prototype};\n")
    (store / "keys.c").write_text((store / "keys.c").read_text() + "\n" + query)
    left = tree / "services/license/handlers/left.c"
    left.write_text(handler)
    compile_c(tree, left)
    compile_c(tree, store / "keys.c")
