# SPDX-License-Identifier: MIT
"""tools/embed-sql and tools/embed-file: what they write compiles, and holds the bytes of the files."""
import hashlib
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ODD_SQL = "-- \"quoted\" 'text' \\ \\n ??/ é\tтекст\n\ncreate table x.y (a text);\n"
ADDITIVE_SQL = "-- additive\nselect 1;\n"


def embed(tool, *arguments):
    command = [ROOT / "tools" / tool, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def run_with(folder, source, main):
    """Compiles the tool's output together with a main function, and gives what that prints."""
    (folder / "made.c").write_text(source)
    (folder / "main.c").write_text(main)
    program = folder / "program"
    flags = ["-std=gnu17", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}", "-I/usr/include/postgresql"]
    subprocess.run(["cc", *flags, "made.c", "main.c", "-o", program], cwd=folder, check=True)
    return subprocess.run([program], capture_output=True, check=True).stdout


MIGRATIONS_MAIN = """
#include "lib/pg/migrate.h"
extern const struct migrations shop_migrations;
int main(void)
{
    printf("%s %zu\\n", shop_migrations.schema, shop_migrations.count);
    for (size_t i = 0; i < shop_migrations.count; i++) {
        const struct migration *one = &shop_migrations.items[i];
        printf("%d %s %s %d\\n%s", one->number, one->name, one->checksum, one->additive, one->sql);
    }
    return 0;
}
"""


def test_migrations_keep_their_text_and_checksum(tmp_path):
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_odd.sql").write_text(ODD_SQL)
    (folder / "0002_more_things.sql").write_text(ADDITIVE_SQL)
    made = embed("embed-sql", "shop", folder)
    assert made.returncode == 0, made.stderr
    assert made.stdout == embed("embed-sql", "shop", folder).stdout
    sums = [hashlib.sha256(text.encode()).hexdigest() for text in (ODD_SQL, ADDITIVE_SQL)]
    expected = f"shop 2\n1 0001_odd {sums[0]} 0\n{ODD_SQL}2 0002_more_things {sums[1]} 1\n{ADDITIVE_SQL}"
    assert run_with(tmp_path, made.stdout, MIGRATIONS_MAIN).decode() == expected


def test_a_folder_without_migrations_gives_none(tmp_path):
    folder = tmp_path / "migrations"
    folder.mkdir()
    made = embed("embed-sql", "shop", folder)
    assert run_with(tmp_path, made.stdout, MIGRATIONS_MAIN) == b"shop 0\n"


@pytest.mark.parametrize("name", ["0002_gap.sql", "1_short.sql", "0001-dash.sql", "0001_Upper.sql"])
def test_a_misnamed_migration_is_refused(tmp_path, name):
    (tmp_path / name).write_text("select 1;\n")
    made = embed("embed-sql", "shop", tmp_path)
    assert made.returncode != 0
    assert name in made.stderr


def test_files_keep_their_bytes(tmp_path):
    data = bytes(range(256)) * 3
    (tmp_path / "data").write_bytes(data)
    (tmp_path / "empty").write_bytes(b"")
    made = embed("embed-file", f"data={tmp_path}/data", f"empty={tmp_path}/empty")
    assert made.returncode == 0, made.stderr
    main = """
        #include <stdio.h>
        extern const char data[], empty[];
        extern const size_t data_size, empty_size;
        int main(void)
        {
            fwrite(data, 1, data_size, stdout);
            return data[data_size] != 0 || empty_size != 0 || empty[0] != 0;
        }"""
    assert run_with(tmp_path, made.stdout, main) == data


def test_embedding_nothing_explains_itself():
    made = embed("embed-file")
    assert made.returncode != 0
    assert "name=path" in made.stderr
