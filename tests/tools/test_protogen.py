# SPDX-License-Identifier: MIT
"""tools/protogen: what it makes of a good description compiles and says what was described; what is wrong with a bad one is told in a line."""
import copy
import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["-std=gnu17", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}", "-isystem", "/usr/include/postgresql", "-D_GNU_SOURCE"]

SHOP = yaml.safe_load("""
openapi: 3.1.0
info: {title: Shop, version: 0.1.0}
x-events:
  sold_out:
    summary: There is no more of something
    schema: {$ref: '#/components/schemas/LineItem'}
paths:
  /v2/shop/{room}/orders:
    parameters:
      - {name: room, in: path, required: true, schema: {type: integer}}
    post:
      operationId: order
      summary: Order something
      x-subject: rpc.shop.order
      x-auth: user
      x-pool: hash
      x-rate: login
      x-body-max: 4096
      x-timeout-ms: 2500
      x-aliases: ['/shop/{room}/orders']
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 1000, default: 200}}
        - {name: dry, in: query, schema: {type: boolean}}
      requestBody: {$ref: '#/components/schemas/Order'}
      responses: {'200': {$ref: '#/components/schemas/OrderReply'}}
      x-errors: {409: [already ordered]}
    get:
      operationId: orders
      x-subject: rpc.shop.orders
      x-auth: none
      x-pool: io
      responses: {'200': {$ref: '#/components/schemas/OrderReply'}}
  /v2/shop/close:
    post:
      operationId: close
      x-subject: rpc.shop.close
      x-auth: user
      x-pool: io
      x-body-optional: true
      requestBody: {$ref: '#/components/schemas/Close'}
      responses: {'200': {$ref: '#/components/schemas/Nothing'}}
  /v2/shop/{room}/picture:
    post:
      operationId: draw
      x-subject: rpc.shop.draw
      x-auth: none
      x-pool: work
      x-form: true
      x-body-max: 983040
      x-reply-types: [image/png, image/svg+xml]
      parameters:
        - {name: room, in: path, required: true, schema: {type: integer}}
      requestBody: {$ref: '#/components/schemas/Picture'}
      x-errors: {507: [Insufficient Storage]}
  /rpc/shop/stock:
    post:
      operationId: stock
      summary: What is there
      x-internal: true
      x-fan-out: true
      x-subject: rpc.shop.stock
      x-auth: none
      x-pool: work
      requestBody: {$ref: '#/components/schemas/Stock'}
      responses: {'200': {$ref: '#/components/schemas/Nothing'}}
components:
  schemas:
    OrderReply:
      type: object
      required: [id, items, total]
      properties:
        id: {type: string, format: uuid}
        items: {type: array, items: {$ref: '#/components/schemas/LineItem'}}
        total: {type: number}
        first: {$ref: '#/components/schemas/LineItem'}
    LineItem:
      type: object
      required: [name, count]
      properties:
        name: {type: string, minLength: 1, maxLength: 64}
        count: {type: [integer, 'null']}
    Order:
      type: object
      required: [kind]
      properties:
        kind: {type: string, enum: [gift, "ёлка 'x'"]}
        note: {type: [string, 'null'], default: "with \\"quotes\\""}
        tags: {type: array, minItems: 1, maxItems: 3, items: {type: string}}
        numbers: {type: array, items: {type: integer}}
        price: {type: number, minimum: 0.25, maximum: 4, default: 0.5}
        main: {$ref: '#/components/schemas/LineItem'}
    Close:
      type: object
      properties:
        reasons: {type: array, items: {type: string, maxLength: 40}}
    Picture:
      type: object
      required: [title, file]
      properties:
        title: {type: string, maxLength: 40}
        file: {type: string, format: binary, description: a sketch}
    Stock:
      type: object
      properties:
        days: {type: [integer, 'null']}
    Nothing:
      type: object
      properties: {}
""")


def order(spec):
    return spec["paths"]["/v2/shop/{room}/orders"]["post"]


def draw(spec):
    return spec["paths"]["/v2/shop/{room}/picture"]["post"]


def picture(spec):
    return schemas(spec)["Picture"]["properties"]


def schemas(spec):
    return spec["components"]["schemas"]


def generate(folder, **specs):
    for name, spec in specs.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    paths = [folder / f"{name}.yaml" for name in specs]
    return subprocess.run([ROOT / "tools/protogen", "--out", folder / "gen", *paths], capture_output=True, text=True, check=False)


def change(edit):
    spec = copy.deepcopy(SHOP)
    edit(spec)
    return spec


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("protogen")
    result = generate(folder, shop=SHOP)
    assert result.returncode == 0, result.stderr
    return folder


def source(folder, name):
    return re.sub(r"\s+", " ", (folder / "gen" / name).read_text())


# ---- good descriptions ----

@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_all_that_is_made_compiles(made, compiler):
    files = sorted((made / "gen").rglob("*.c"))
    assert [f.relative_to(made / "gen").as_posix() for f in files] == ["gateway/routes.c", "shop/api.c", "shop/messages.c"]
    for file in files:
        subprocess.run([compiler, *FLAGS, f"-I{made}", file], check=True)


def test_a_struct_has_a_member_for_each_property_and_has_where_one_may_be_absent(made):
    header = source(made, "shop/messages.h")
    assert ("struct order_request { int64_t room; int64_t limit; bool dry; bool has_dry; const char *kind; const char *note; "
            "struct list tags; /* of const char * */ struct list numbers; /* of int64_t */ double price; "
            "struct line_item main; bool has_main; };") in header
    assert "struct order_reply { const char *id; struct list items; /* of struct line_item */ double total; struct line_item first; bool has_first; };" in header
    assert "struct line_item { const char *name; int64_t count; bool has_count; };" in header
    assert header.index("struct line_item {") < header.index("struct order_reply {")


def test_a_row_says_all_that_the_schema_does(made):
    tables = source(made, "shop/messages.c")
    for row in (
        '{.name = "room", .type = FIELD_INT, .place = FIELD_PATH, .offset = offsetof(struct order_request, room), .required = true}',
        '{.name = "limit", .type = FIELD_INT, .place = FIELD_QUERY, .offset = offsetof(struct order_request, limit), '
        '.min = &(const int64_t){1}, .max = &(const int64_t){1000}, .initial = "200"}',
        '{.name = "note", .type = FIELD_TEXT, .place = FIELD_BODY, .offset = offsetof(struct order_request, note), .nullable = true, '
        '.initial = "\\"with \\\\\\"quotes\\\\\\"\\""}',
        '.min = &(const int64_t){1}, .max = &(const int64_t){3}, .item = FIELD_TEXT}',
        '.real_min = &(const double){0.25}, .real_max = &(const double){4}, .initial = "0.5"}',
        '.item = FIELD_OBJECT, .message = &line_item_message}',
        '{.name = "id", .type = FIELD_UUID,',
        '.choices = (const char *const[]){"gift",',
    ):
        assert row in tables, row


def test_a_body_makes_the_message_read_one(made):
    tables = source(made, "shop/messages.c")
    assert re.search(r"order_request_message = {[^}]*\.has_body = true}", tables)
    assert not re.search(r"orders_request_message = {[^}]*has_body", tables)
    assert not re.search(r"order_reply_message = {[^}]*has_body", tables)


def test_a_body_that_may_be_left_out_is_optional_everywhere(made):
    assert re.search(r"close_request_message = {[^}]*\.has_body = true, \.body_optional = true}", source(made, "shop/messages.c"))
    paths = json.loads((made / "gen/openapi.json").read_text())["paths"]
    assert paths["/v2/shop/close"]["post"]["requestBody"]["required"] is False
    assert paths["/v2/shop/{room}/orders"]["post"]["requestBody"]["required"] is True


def test_a_form_has_a_file_and_its_route_says_so(made):
    assert "struct draw_request { int64_t room; const char *title; struct file file; };" in source(made, "shop/messages.h")
    tables = source(made, "shop/messages.c")
    assert '{.name = "file", .type = FIELD_FILE, .place = FIELD_BODY, .offset = offsetof(struct draw_request, file), .required = true}' in tables
    assert re.search(r"draw_request_message = {[^}]*\.has_body = true, \.is_form = true}", tables)
    assert '"rpc.shop.draw", ROUTE_AUTH_NONE, ROUTE_RATE_OTHER, 983040, 10000, true}' in source(made, "gateway/routes.c")


def test_a_reply_that_is_no_json_is_a_struct_binary(made):
    assert "handle_draw(struct call *call, const struct draw_request *in, struct binary *out);" in source(made, "shop/api.h")
    assert '{"draw", "rpc.shop.draw", API_POOL_WORK, &draw_request_message, &binary_message, run_draw, false},' in source(made, "shop/api.c")


def test_openapi_shows_forms_and_other_media_types(made):
    spec = json.loads((made / "gen/openapi.json").read_text())
    post = spec["paths"]["/v2/shop/{room}/picture"]["post"]
    assert post["requestBody"] == {"required": True, "content": {"multipart/form-data": {"schema": {"$ref": "#/components/schemas/Picture"}}}}
    assert spec["components"]["schemas"]["Picture"]["properties"]["file"] == {"type": "string", "format": "binary", "description": "a sketch"}
    binary = {"schema": {"type": "string", "format": "binary"}}
    assert post["responses"]["200"]["content"] == {"image/png": binary, "image/svg+xml": binary}
    assert list(post["responses"]) == ["200", "413", "422", "429", "503", "504", "507"]
    assert post["responses"]["507"]["content"]["application/json"]["examples"] == {"Insufficient Storage": {"value": {"detail": "Insufficient Storage"}}}


def test_texts_of_a_list_have_their_own_maximum(made):
    assert "offsetof(struct close_request, reasons), .item = FIELD_TEXT, .item_max = &(const int64_t){40}}" in source(made, "shop/messages.c")


def test_events_have_a_subject_and_a_struct(made):
    header = (made / "gen/shop/messages.h").read_text()
    assert '#define EVT_SHOP_SOLD_OUT "evt.shop.sold_out" /* struct line_item */' in header


def test_the_route_table_has_aliases_limits_and_nothing_internal(made):
    routes = source(made, "gateway/routes.c")
    assert '{"POST", "/v2/shop/{room}/orders", "rpc.shop.order", ROUTE_AUTH_USER, ROUTE_RATE_LOGIN, 4096, 2500, false},' in routes
    assert '{"POST", "/shop/{room}/orders", "rpc.shop.order", ROUTE_AUTH_USER, ROUTE_RATE_LOGIN, 4096, 2500, false},' in routes
    assert '{"GET", "/v2/shop/{room}/orders", "rpc.shop.orders", ROUTE_AUTH_NONE, ROUTE_RATE_OTHER, 0, 10000, false},' in routes
    assert "stock" not in routes


def test_the_dispatch_table_has_every_operation_in_its_pool(made):
    api = source(made, "shop/api.c")
    assert '{"order", "rpc.shop.order", API_POOL_HASH, &order_request_message, &order_reply_message, run_order, false},' in api
    assert '{"stock", "rpc.shop.stock", API_POOL_WORK, &stock_request_message, &nothing_message, run_stock, true},' in api
    assert 'const struct api_service shop_api = {"shop", endpoints, 5};' in api


def test_other_services_call_internal_operations_only(made):
    header = source(made, "shop/messages.h")
    assert "enum status shop_stock(struct call *call, const struct stock_request *in, struct nothing *out);" in header
    assert "shop_order(" not in header


def test_openapi_shows_what_is_public_with_its_errors(made):
    text = (made / "gen/openapi.json").read_text()
    spec = json.loads(text)
    assert '"x-' not in text
    assert set(spec["paths"]) == {"/v2/shop/{room}/orders", "/shop/{room}/orders", "/v2/shop/close", "/v2/shop/{room}/picture"}
    post = spec["paths"]["/v2/shop/{room}/orders"]["post"]
    assert list(post["responses"]) == ["200", "401", "409", "413", "422", "429", "503", "504"]
    assert post["responses"]["409"]["content"]["application/json"]["examples"] == {"already ordered": {"value": {"detail": "already ordered"}}}
    assert post["security"] == [{"bearer": []}]
    assert [p["name"] for p in post["parameters"]] == ["room", "limit", "dry"]


def test_making_it_again_leaves_unchanged_files_alone(tmp_path):
    generate(tmp_path, shop=SHOP)
    before = {f: f.stat().st_mtime_ns for f in (tmp_path / "gen").rglob("*") if f.is_file()}
    assert generate(tmp_path, shop=SHOP).returncode == 0
    assert {f: f.stat().st_mtime_ns for f in before} == before


def test_the_repositorys_own_descriptions_are_good(tmp_path):
    specs = sorted((ROOT / "proto").glob("*.yaml"))
    result = subprocess.run([ROOT / "tools/protogen", "--out", tmp_path / "gen", *specs], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


# ---- bad descriptions ----

BAD = {
    "no operationId": (lambda s: order(s).pop("operationId"), "shop: post /v2/shop/{room}/orders has no operationId"),
    "no subject": (lambda s: order(s).pop("x-subject"), "shop: order: no x-subject"),
    "another's subject": (lambda s: order(s).update({"x-subject": "rpc.auth.order"}), "shop: order: x-subject must begin with rpc.shop."),
    "unknown auth": (lambda s: order(s).update({"x-auth": "root"}), "shop: order: x-auth is none of admin-key, none, "),
    "no auth": (lambda s: order(s).pop("x-auth"), "shop: order: x-auth is none of"),
    "unknown pool": (lambda s: order(s).update({"x-pool": "fast"}), "shop: order: x-pool is none of io, hash, work"),
    "unknown rate": (lambda s: order(s).update({"x-rate": "seldom"}), "shop: order: x-rate is none of login, license, speech, other"),
    "path parameter undeclared": (lambda s: s["paths"]["/v2/shop/{room}/orders"].pop("parameters"), "shop: orders: path and its parameters differ"),
    "path parameter unused": (lambda s: order(s)["parameters"].append({"name": "x", "in": "path", "schema": {"type": "string"}}),
                              "shop: order: path and its parameters differ"),
    "parameter of a header": (lambda s: order(s)["parameters"].append({"name": "x", "in": "header", "schema": {"type": "string"}}),
                              "shop: order: parameter x is in header"),
    "no reply": (lambda s: order(s).pop("responses"), "shop: order: no response 200"),
    "unknown reply": (lambda s: order(s).update(responses={"200": {"$ref": "#/components/schemas/Order2"}}), "shop: nothing at #/components/schemas/Order2"),
    "unknown body": (lambda s: order(s).update(requestBody={"$ref": "#/components/schemas/Gone"}), "shop: nothing at #/components/schemas/Gone"),
    "unknown type": (lambda s: schemas(s)["Order"]["properties"].update(x={"type": "object"}), "shop: x: no C form for type object"),
    "unknown type of items": (lambda s: schemas(s)["Order"]["properties"].update(x={"type": "array", "items": {"type": "array"}}),
                              "shop: x: no C form for items of type array"),
    "objects by name in a request": (lambda s: schemas(s)["Order"]["properties"].update(
        x={"type": "object", "additionalProperties": {"$ref": "#/components/schemas/LineItem"}, "x-key": "name"}),
        "shop: order: only a reply has objects by name"),
    "objects by the name of nothing": (lambda s: schemas(s)["OrderReply"]["properties"].update(
        x={"type": "object", "additionalProperties": {"$ref": "#/components/schemas/LineItem"}, "x-key": "colour"}),
        "shop: x: LineItem has no text colour"),
    "objects without names": (lambda s: schemas(s)["OrderReply"]["properties"].update(
        x={"type": "object", "additionalProperties": {"$ref": "#/components/schemas/LineItem"}}),
        "shop: x: additionalProperties and x-key come together"),
    "requires unknown": (lambda s: schemas(s)["Order"].update(required=["kind", "colour"]), "shop: Order requires unknown colour"),
    "bound with a fraction": (lambda s: schemas(s)["LineItem"]["properties"]["count"].update(minimum=0.5), "shop: count: 0.5 is no whole number"),
    "bound of many digits": (lambda s: schemas(s)["Order"]["properties"]["price"].update(minimum=0.1234567), "shop: price: 0.1234567 has more than six digits"),
    "enumeration of numbers": (lambda s: schemas(s)["Order"]["properties"].update(x={"type": "integer", "enum": [1, 2]}),
                               "shop: x: only texts may have an enum"),
    "enumeration with a quote": (lambda s: schemas(s)["Order"]["properties"]["kind"].update(enum=['a"b']), "shop: kind: only texts may have an enum, without quotes"),
    "keyword nobody enforces": (lambda s: schemas(s)["Order"]["properties"]["kind"].update(pattern="^a"), "shop: kind: pattern is not enforced"),
    "bound of items": (lambda s: schemas(s)["Order"]["properties"]["tags"]["items"].update(minLength=5), "shop: tags: minLength of items is not enforced"),
    "maximum of numbers in a list": (lambda s: schemas(s)["Order"]["properties"]["numbers"]["items"].update(maxLength=5),
                                     "shop: numbers: maxLength of items is not enforced"),
    "optional body with a required field": (lambda s: order(s).update({"x-body-optional": True}),
                                            "shop: order: only a body without required fields may be left out"),
    "optional body that is not there": (lambda s: s["paths"]["/v2/shop/{room}/orders"]["get"].update({"x-body-optional": True}),
                                        "shop: orders: only a body without required fields may be left out"),
    "event of no schema": (lambda s: s["x-events"]["sold_out"].update(schema={"$ref": "#/components/schemas/Gone"}),
                           "shop: nothing at #/components/schemas/Gone"),
    "event of an odd name": (lambda s: s["x-events"].update({"Sold.out": s["x-events"]["sold_out"]}), "shop: an event can't be called Sold.out"),
    "schema without properties": (lambda s: schemas(s).update(Colour={"type": "string"}), "shop: Colour has no properties"),
    "schema that holds itself": (lambda s: schemas(s)["LineItem"]["properties"].update(part={"$ref": "#/components/schemas/LineItem"}),
                                 "shop: LineItem holds itself"),
    "file without a form": (lambda s: draw(s).pop("x-form"), "shop: draw: only a form has a file"),
    "file in a reply": (lambda s: schemas(s)["LineItem"]["properties"].update(x={"type": "string", "format": "binary"}),
                        "shop: only a form has a file, which line_item is not"),
    "file in a query": (lambda s: draw(s)["parameters"].append({"name": "x", "in": "query", "schema": {"type": "string", "format": "binary"}}),
                        "shop: draw: only a form has a file"),
    "two files": (lambda s: picture(s).update(other={"type": "string", "format": "binary"}), "shop: draw: a form has one file at most"),
    "number in a form": (lambda s: picture(s).update(size={"type": "integer"}), "shop: draw: a form has texts and a file, none of them null"),
    "null in a form": (lambda s: picture(s)["title"].update(type=["string", "null"]), "shop: draw: a form has texts and a file, none of them null"),
    "bound of a file": (lambda s: picture(s)["file"].update(maxLength=5), "shop: file: maxLength of a file is not enforced"),
    "form without a body": (lambda s: draw(s).pop("requestBody"), "shop: draw: a form has a body, which may not be left out"),
    "form that may be left out": (lambda s: (schemas(s)["Picture"].pop("required"), draw(s).update({"x-body-optional": True})),
                                  "shop: draw: a form has a body, which may not be left out"),
    "body that no message holds": (lambda s: draw(s).update({"x-body-max": 983041}), "shop: draw: x-body-max is above 983040"),
    "two kinds of reply": (lambda s: draw(s).update(responses={"200": {"$ref": "#/components/schemas/Nothing"}}),
                           "shop: draw: both x-reply-types and a response 200"),
    "reply of an odd type": (lambda s: draw(s).update({"x-reply-types": ["png"]}), "shop: draw: png is no media type"),
    "internal form": (lambda s: (draw(s).update({"x-internal": True}), draw(s).pop("parameters"), s["paths"].update({"/picture": s["paths"].pop("/v2/shop/{room}/picture")})),
                      "shop: draw: an internal call is JSON both ways"),
    "internal with parameters": (lambda s: order(s).update({"x-internal": True}), "shop: order: an internal call takes a body only"),
    "fan-out of a route": (lambda s: order(s).update({"x-fan-out": True}), "shop: order: only an internal call may have x-fan-out"),
    "two operations of a name": (lambda s: order(s).update(operationId="orders"), "two operations are called orders"),
    "two of a subject": (lambda s: order(s).update({"x-subject": "rpc.shop.orders"}), "two subjects are called rpc.shop.orders"),
    "two of a route": (lambda s: order(s).update({"x-aliases": ["/v2/shop/{room}/orders"]}), "two routes are called POST /v2/shop/{room}/orders"),
    "two of a message": (lambda s: schemas(s).update(OrderRequest={"type": "object", "properties": {}}), "two messages are called order_request"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_mistake_is_told_in_one_line(tmp_path, case):
    edit, message = BAD[case]
    result = generate(tmp_path, shop=change(edit))
    assert result.returncode == 1
    assert result.stderr.startswith(f"protogen: {message}"), result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "gen").exists()


def test_two_services_may_not_share_an_operation(tmp_path):
    text = yaml.safe_dump(SHOP).replace("rpc.shop.", "rpc.mall.").replace("/shop/", "/mall/")
    result = generate(tmp_path, shop=SHOP, mall=yaml.safe_load(text))
    assert result.returncode == 1
    assert re.fullmatch(r"protogen: two operations are called \w+\n", result.stderr)


def test_a_file_that_is_no_yaml_is_told_by_name(tmp_path):
    (tmp_path / "shop.yaml").write_text("paths: [")
    result = subprocess.run([ROOT / "tools/protogen", "--out", tmp_path / "gen", tmp_path / "shop.yaml"], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "shop.yaml" in result.stderr and "Traceback" not in result.stderr
