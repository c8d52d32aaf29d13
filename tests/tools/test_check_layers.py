# SPDX-License-Identifier: MIT
"""tools/check-layers: it finds planted violations, names them, and lets through what is allowed."""
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def check(root, **files):
    """Runs a copy of the script, which takes the tree that it stands in, over files {path: text}."""
    (root / "tools").mkdir(exist_ok=True)
    shutil.copy(ROOT / "tools/check-layers", root / "tools")
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return subprocess.run([root / "tools/check-layers"], capture_output=True, text=True, check=False)


def include(*paths):
    return "".join(f'#include "{path}"\n' for path in paths)


def test_an_allowed_tree_is_fine(tmp_path):
    result = check(tmp_path, **{
        "lib/base/text.c": include("lib/base/text.h") + "#include <unistd.h>\n",
        "lib/bus/bus.c": include("lib/base/log.h", "lib/bus/bus.h"),
        "lib/daemon/daemon.c": include("lib/pg/pg.h", "lib/api/server.h"),
        "services/auth/main.c": include("lib/daemon/daemon.h", "gen/auth/api.h", "services/auth/store/users.h"),
        "services/auth/domain/username.c": include("services/auth/domain/username.h", "lib/base/text.h"),
        "services/auth/store/users.c": include("lib/pg/pg.h", "services/auth/domain/plan.h") + 'PG_QUERY(users_find, "select 1");\n',
        "services/auth/handlers/redeem.c": include("gen/license/messages.h", "services/auth/store/users.h"),
        "services/events/webcast/decode.c": include("gen/webcast.pb-c.h", "services/events/domain/live_event.h"),
    })
    assert result.stdout == "layers: fine\n", result.stdout
    assert result.returncode == 0


VIOLATIONS = [
    ("lib/base/text.c", include("lib/pg/pg.h"), "lib/base may not use lib/pg/pg.h"),
    ("lib/pg/pg.c", include("lib/bus/bus.h"), "lib/pg may not use lib/bus/bus.h"),
    ("lib/bus/bus.h", include("lib/api/call.h"), "lib/bus may not use lib/api/call.h"),
    ("lib/api/server.c", include("lib/daemon/daemon.h"), "lib/api may not use lib/daemon/daemon.h"),
    ("lib/daemon/daemon.c", include("services/auth/config.h"), "lib/daemon may not use services/auth/config.h"),
    ("lib/api/call.c", include("gen/auth/api.h"), "lib/api may not use gen/auth/api.h"),
    ("services/auth/domain/token.c", include("services/auth/store/users.h"), "domain may not use services/auth/store/users.h"),
    ("services/auth/domain/token.c", include("lib/pg/pg.h"), "domain may not use lib/pg/pg.h"),
    ("services/auth/domain/token.h", include("gen/auth/api.h"), "domain may not use gen/auth/api.h"),
    ("services/auth/domain/token.c", "#include <libpq-fe.h>\n", "domain/ is rules without I/O, threads or clock"),
    ("services/auth/domain/token.c", "#include <pthread.h>\n", "domain/ is rules without I/O, threads or clock"),
    ("services/auth/domain/token.c", "int64_t now = clock_wall_ms();\n", "domain/ is rules without I/O, threads or clock"),
    ("services/auth/store/users.c", include("services/auth/handlers/login.h"), "store may not use services/auth/handlers/login.h"),
    ("services/auth/handlers/me.c", include("services/license/domain/keys.h"), "service may not use services/license/domain/keys.h"),
    ("services/auth/handlers/me.c", 'PG_QUERY(me, "select 1");\n', "SQL lives in store/ only"),
    ("services/auth/main.c", 'PG_QUERY(me, "select 1");\n', "SQL lives in store/ only"),
    ("services/auth/handlers/me.c", include("gen/license/api.h"), "of another service only gen/<service>/messages.h may be used, not gen/license/api.h"),
    ("services/events/webcast/decode.c", include("services/events/live/room.h"), "webcast may not use services/events/live/room.h"),
    ("services/events/webcast/decode.c", include("gen/events/messages.h"), "webcast may not use gen/events/messages.h"),
    ("services/media/voice/worker/main.c", include("lib/bus/bus.h"), "voice/worker may not use lib/bus/bus.h"),
    ("services/auth/handlers/me.c", include("../store/users.h"), "service may not use ../store/users.h"),
    ("services/auth/handlers/me.c", include("lib/../services/media/config.h"), "service may not use lib/../services/media/config.h"),
    ("services/auth/handlers/me.c", include("users.h"), "service may not use users.h"),
    ("services/auth/handlers/me.c", "#if 1\n  # include \"services/media/config.h\"\n#endif\n", "service may not use services/media/config.h"),
    ("services/auth/domain/token.c", "  #  include <time.h>\nlong now(void) { return time(NULL); }\n", "domain/ is rules without I/O, threads or clock"),
]


@pytest.mark.parametrize("path,text,message", VIOLATIONS)
def test_a_planted_violation_is_found(tmp_path, path, text, message):
    result = check(tmp_path, **{path: text})
    assert result.stdout == f"{path}: {message}\n"
    assert result.returncode == 1


def test_every_violation_is_listed(tmp_path):
    result = check(tmp_path, **{
        "lib/base/a.c": include("lib/pg/pg.h", "lib/bus/bus.h"),
        "services/auth/main.c": include("services/media/config.h"),
    })
    assert result.stdout.splitlines() == [
        "lib/base/a.c: lib/base may not use lib/pg/pg.h",
        "lib/base/a.c: lib/base may not use lib/bus/bus.h",
        "services/auth/main.c: service may not use services/media/config.h",
    ]


def test_a_library_of_no_known_layer_is_a_violation(tmp_path):
    result = check(tmp_path, **{"lib/extra/a.c": include("lib/base/text.h")})
    assert result.returncode == 1
    assert result.stdout == "lib/extra/a.c: in no layer that tools/check-layers knows\n"
