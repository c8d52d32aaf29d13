/* SPDX-License-Identifier: MIT */
#include "tests/unit/services/gateway/http/form_reading.h"

/* ---- what forms are ---- */

static void texts_and_a_file_are_told_apart(void **state)
{
    assert_form(state, TYPE,
                PART("name=\"ws_token\"") "t0k\r\n" PART(
                    "name=\"sound_name\"") "my boom & co\r\n" BOOM LAST,
                "ws_token=t0k&sound_name=my%20boom%20%26%20co", BOOM_FILE, "ID3");
}

static void a_form_may_lack_a_file_or_texts_or_all(void **state)
{
    assert_form(state, TYPE, PART("name=\"a\"") "1\r\n" LAST, "a=1", NULL, "");
    assert_form(state, TYPE, BOOM LAST, NULL, BOOM_FILE, "ID3");
    assert_form(state, TYPE, LAST, NULL, NULL, "");
    assert_form(state, TYPE, "", NULL, NULL, "");
}

static void empty_values_are_values(void **state)
{
    assert_form(state, TYPE,
                PART("name=\"a\"") "\r\n" PART("name=\"a\"") "x\r\n" PART("name=\"a\"") "\r\n" LAST,
                "a=&a=x&a=", NULL, "");
    assert_form(state, TYPE, PART("name=\"file\"; filename=\"\"") "\r\n" LAST, NULL,
                "field=file&filename=", "");
}

static void a_file_is_any_bytes(void **state)
{
    static const char before[] = BOOM;
    static const char data[] = "\0\r\n--\r\n--a\r\n-\r\r\n\n--bb\r\r\n--\xff\0\r";
    AUTO_BUFFER(body, BODY_MAX);
    buffer_add(&body, before, strlen(before) - strlen("ID3\r\n"));
    buffer_add(&body, data, sizeof(data) - 1);
    buffer_add_text(&body, "\r\n" LAST);
    struct reading reading = {
        .body = body.data, .size = body.size, .file = BOOM_FILE, .data = {data, sizeof(data) - 1}};
    read_all_ways(state, TYPE, &reading);
}

/* ---- how clients write them ---- */

static void heads_may_be_written_in_many_ways(void **state)
{
    static const char *const heads[] = {
        "Content-Disposition: form-data; name=\"file\"; filename=\"boom.mp3\"\r\nContent-Type: x/y",
        "Content-Type: audio/mpeg\r\nContent-Disposition: form-data; name=file; filename=boom.mp3",
        "content-disposition:form-data;name=file;filename=boom.mp3; filename*=utf-8''boom.mp3",
        "CONTENT-DISPOSITION: form-data ; NAME = \"file\" ; FileName = boom.mp3 ",
        "Content-Disposition: form-data; filename*=UTF-8'en'%62oom.mp3; name=\"file\"",
        "Content-Disposition: form-data; name=\"file\"; filename=\"\\\"\"; filename*=boom.mp3",
        "Content-Disposition: attachment; x=\"; name=no\"; name=file; filename=boom.mp3\nX: y",
        "Content-Type: x\r\nContent-Disposition: form-data; name=file; filename=boom.mp3",
    };
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        AUTO_BUFFER(body, BODY_MAX);
        buffer_printf(&body, "--bb\r\n%s\r\n\r\nID3\r\n" LAST, heads[i]);
        assert_form(state, TYPE, buffer_text(&body), NULL, BOOM_FILE, "ID3");
    }
}

static void boundaries_may_be_written_in_many_ways(void **state)
{
    assert_form(state, "multipart/form-data; boundary=\"bb\"", BOOM LAST, NULL, BOOM_FILE, "ID3");
    assert_form(state, "MULTIPART/Form-Data;boundary=bb", BOOM LAST, NULL, BOOM_FILE, "ID3");
    assert_form(state, "multipart/form-data; charset=utf-8; boundary=bb", BOOM LAST, NULL,
                BOOM_FILE, "ID3");
    assert_form(state, "multipart/form-data; boundary=bb; charset=utf-8", BOOM LAST, NULL,
                BOOM_FILE, "ID3");
    assert_form(state, "multipart/form-data; boundary=\"bb\"; charset=utf-8", BOOM LAST, NULL,
                BOOM_FILE, "ID3");
}

/* libmicrohttpd would read the parts of a part. */
static void a_part_with_parts_is_a_text(void **state)
{
    assert_form(state, TYPE,
                PART("name=a\r\nContent-Type: multipart/mixed; boundary=c") "--c\r\n\r\n1\r\n" LAST,
                "a=--c%0D%0A%0D%0A1", NULL, "");
}

static void what_stands_before_and_after_the_parts_is_ignored(void **state)
{
    assert_form(state, TYPE, "\r\n" BOOM LAST, NULL, BOOM_FILE, "ID3");
    assert_form(state, TYPE, "see --bb\r\n" BOOM LAST "\r\nmore\r\n" BOOM LAST, NULL, BOOM_FILE,
                "ID3");
    assert_form(state, TYPE, BOOM "--bb--", NULL, BOOM_FILE, "ID3");
}

static void names_are_safe_in_headers(void **state)
{
    assert_form(state, TYPE,
                PART("name=\"a&b=c\xff\"") "\r\nline\r\n" PART(
                    "name=\"%0d%0a\"; filename=\"C:\\x\\..\\a\\\"b%00;\xd0\xb1.mp3\"") "d\r\n" LAST,
                "a%26b%3Dc%FF=%0D%0Aline",
                "field=%250d%250a&filename=C%3A%5Cx%5C..%5Ca%22b%2500%3B%D0%B1.mp3", "d");
}

/* ---- what is none ---- */

static void a_form_without_its_end_is_refused(void **state)
{
    static const char body[] = PART("name=\"a\"") "1\r\n" BOOM LAST;
    for (size_t size = 1; size < strlen(body) - strlen("\r\n"); size++)
        assert_refused_bytes(state, TYPE, (struct slice){body, size}, STATUS_BAD_REQUEST, BAD);
}

static void what_is_no_form_is_refused(void **state)
{
    assert_refused(state, "{}", STATUS_BAD_REQUEST, BAD);
    assert_refused(state, "--c\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--c--\r\n",
                   STATUS_BAD_REQUEST, BAD);
    assert_refused(state, "--bbb\r\n\r\n\r\n--bb--\r\n", STATUS_BAD_REQUEST, BAD);
    assert_refused(state, "--bb\r\n\r\n\r\n--bb--\r\n", STATUS_BAD_REQUEST, BAD);
    assert_refused(state, PART("filename=\"a\"") "\r\n" LAST, STATUS_BAD_REQUEST, BAD);
    assert_refused(state, PART("name=\"\"") "\r\n" LAST, STATUS_BAD_REQUEST, BAD);
}

static void a_nul_is_in_files_only(void **state)
{
    static const char text[] = PART("name=\"a\"") "1\0"
                                                  "2\r\n" LAST;
    static const char name[] = PART("name=\"a\0\"") "1\r\n" LAST;
    static const char filename[] = PART("name=\"a\"; filename=\"\0\"") "1\r\n" LAST;
    assert_refused_bytes(state, TYPE, (struct slice){text, sizeof(text) - 1}, STATUS_BAD_REQUEST,
                         BAD);
    assert_refused_bytes(state, TYPE, (struct slice){name, sizeof(name) - 1}, STATUS_BAD_REQUEST,
                         BAD);
    assert_refused_bytes(state, TYPE, (struct slice){filename, sizeof(filename) - 1},
                         STATUS_BAD_REQUEST, BAD);
}

#define TEN "0123456789"

static void a_form_needs_a_boundary(void **state)
{
    static const char *const types[] = {
        "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundaries=b",
        "multipart/form-data; boundary=" TEN TEN TEN TEN TEN TEN TEN "+"};
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        assert_refused_bytes(state, types[i], (struct slice){LAST, strlen(LAST)},
                             STATUS_BAD_REQUEST, "Missing boundary in multipart.");
}

static void other_content_types_are_no_form(void **state)
{
    (void)state;
    assert_true(form_is_multipart("multipart/form-data"));
    assert_true(form_is_multipart("Multipart/Form-Data; boundary=bb"));
    assert_false(form_is_multipart(NULL));
    assert_false(form_is_multipart("multipart/form-data2; boundary=bb"));
    assert_false(form_is_multipart("multipart/mixed; boundary=bb"));
    assert_false(form_is_multipart("application/x-www-form-urlencoded"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_a_file_are_told_apart),
        cmocka_unit_test(a_form_may_lack_a_file_or_texts_or_all),
        cmocka_unit_test(empty_values_are_values),
        cmocka_unit_test(a_file_is_any_bytes),
        cmocka_unit_test(heads_may_be_written_in_many_ways),
        cmocka_unit_test(boundaries_may_be_written_in_many_ways),
        cmocka_unit_test(a_part_with_parts_is_a_text),
        cmocka_unit_test(what_stands_before_and_after_the_parts_is_ignored),
        cmocka_unit_test(names_are_safe_in_headers),
        cmocka_unit_test(a_form_without_its_end_is_refused),
        cmocka_unit_test(what_is_no_form_is_refused),
        cmocka_unit_test(a_nul_is_in_files_only),
        cmocka_unit_test(a_form_needs_a_boundary),
        cmocka_unit_test(other_content_types_are_no_form),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
