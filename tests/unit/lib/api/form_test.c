/* SPDX-License-Identifier: MIT */
/* Multipart forms, as the gateway passes them on. */
#include "lib/api/form.h"

#include "tests/unit/lib/api/request.h"

#define MISSING(place, name)                                                                       \
    "{`type`:`missing`,`loc`:[`" place "`,`" name "`],`msg`:`Field required`,`input`:null}"
#define NO_FILE(input)                                                                             \
    "{`type`:`value_error`,`loc`:[`body`,`file`],"                                                 \
    "`msg`:`Value error, Expected UploadFile, received: <class 'str'>`,`input`:`" input "`,"       \
    "`ctx`:{`error`:{}}}"
#define NO_TEXT(name)                                                                              \
    "{`type`:`string_type`,`loc`:[`body`,`" name "`],`msg`:`Input should be a valid string`,"      \
    "`input`:null}"

/* POST /upload?room=, with a form of texts and a file in their midst */
struct upload {
    const char *room;
    const char *token;
    struct file file;
    const char *name;
    const char *note;
    const char *kind;
};
static const struct field upload_fields[] = {
    {.name = "token", .offset = offsetof(struct upload, token), .required = true},
    {.name = "file", .type = FIELD_FILE, .offset = offsetof(struct upload, file), .required = true},
    {.name = "name",
     .offset = offsetof(struct upload, name),
     .required = true,
     .min = &(const int64_t){2},
     .max = &(const int64_t){5}},
    {.name = "note", .offset = offsetof(struct upload, note)},
    {.name = "kind", .offset = offsetof(struct upload, kind), .initial = "\"gift\""},
    {.name = "room",
     .place = FIELD_QUERY,
     .offset = offsetof(struct upload, room),
     .required = true},
};
static const struct message upload_message = {.name = "upload",
                                              .size = sizeof(struct upload),
                                              .fields = upload_fields,
                                              .count = ARRAY_LEN(upload_fields),
                                              .has_body = true,
                                              .is_form = true};

/* POST /picture, whose file may be left out */
struct picture {
    struct file file;
};
static const struct field picture_fields[] = {
    {.name = "file", .type = FIELD_FILE, .offset = offsetof(struct picture, file)}};
static const struct message picture_message = {.name = "picture",
                                               .size = sizeof(struct picture),
                                               .fields = picture_fields,
                                               .count = 1,
                                               .has_body = true,
                                               .is_form = true};

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(8 * 1024 * 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct request_parts make_parts(const char *form, const char *file, const char *data)
{
    return (struct request_parts){.content_type = "multipart/form-data; boundary=x",
                                  .query = "room=1",
                                  .form = form,
                                  .file = file,
                                  .body = slice_of(data)};
}

static struct upload read_upload(const char *form, const char *file, const char *data)
{
    struct upload upload = {0};
    const struct request_parts parts = make_parts(form, file, data);
    expect_decoded(arena, &upload_message, &parts, &upload);
    return upload;
}

static void refuse_upload(const char *form, const char *file, const char *detail)
{
    const struct request_parts parts = make_parts(form, file, "data");
    expect_refused(arena, &upload_message, &parts, detail);
}

/* ---- what is taken ---- */

static void a_form_gives_its_texts_and_its_file(void **state)
{
    (void)state;
    static const char data[] = "a\0b";
    struct request_parts parts =
        make_parts("token=t&name=boom&note=", "field=file&filename=boom.mp3", "");
    parts.body = (struct slice){data, 3};
    struct upload upload = {0};
    expect_decoded(arena, &upload_message, &parts, &upload);
    assert_string_equal(upload.room, "1");
    assert_string_equal(upload.token, "t");
    assert_string_equal(upload.name, "boom");
    assert_string_equal(upload.note, "");
    assert_string_equal(upload.kind, "gift");
    assert_string_equal(upload.file.name, "boom.mp3");
    assert_ptr_equal(upload.file.data.data, data);
    assert_int_equal(upload.file.data.size, 3);
}

static void texts_and_names_are_percent_decoded_and_mended(void **state)
{
    (void)state;
    struct upload upload = read_upload("token=a%26b%3Dc+d&name=%D1%91%D0%B6%FF",
                                       "filename=%D1%91%2F..%2F%FF%26x.mp3&field=%66ile", "x");
    assert_string_equal(upload.token, "a&b=c d");
    assert_string_equal(upload.name, "ёж\uFFFD");
    assert_string_equal(upload.file.name, "ё/../\uFFFD&x.mp3");
}

static void a_file_without_a_name_or_data_is_a_file(void **state)
{
    (void)state;
    static const char *const files[] = {"field=file", "field=file&filename="};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct upload upload = read_upload("token=t&name=boom", files[i], "");
        assert_string_equal(upload.file.name, "");
        assert_int_equal(upload.file.data.size, 0);
    }
}

static void a_file_that_may_be_left_out_has_no_name_then(void **state)
{
    (void)state;
    struct picture picture = {0};
    const struct request_parts without = {.body = slice_of("{}")};
    expect_decoded(arena, &picture_message, &without, &picture);
    assert_null(picture.file.name);
    assert_null(picture.file.data.data);
    const struct request_parts with = make_parts(NULL, "field=file&filename=a", "data");
    expect_decoded(arena, &picture_message, &with, &picture);
    assert_string_equal(picture.file.name, "a");
}

static void a_field_takes_its_own_kind_of_what_has_its_name(void **state)
{
    (void)state;
    struct upload upload = read_upload("token=t&name=boom&file=text", "field=file&filename=a", "x");
    assert_string_equal(upload.file.name, "a");
    refuse_upload("token=t&name=boom", "field=name", MISSING("body", "file"));
}

/* ---- what is refused ---- */

static void without_a_form_all_that_is_required_is_missing(void **state)
{
    (void)state;
    static const char *const types[] = {NULL, "application/json", "text/plain",
                                        "application/x-www-form-urlencoded", "multipart/mixed"};
    static const char *const bodies[] = {"", "{\"token\":\"t\",\"name\":\"boom\",\"file\":\"f\"}",
                                         "{nonsense", "token=t&name=boom&file=f"};
    for (size_t i = 0; i < ARRAY_LEN(types) * ARRAY_LEN(bodies); i++) {
        const struct request_parts parts = {.content_type = types[i % ARRAY_LEN(types)],
                                            .body = slice_of(bodies[i / ARRAY_LEN(types)])};
        expect_refused(arena, &upload_message, &parts,
                       MISSING("query", "room") "," MISSING("body", "token") "," MISSING(
                           "body", "file") "," MISSING("body", "name"));
    }
}

static void a_file_of_another_name_is_not_the_file(void **state)
{
    (void)state;
    static const char *const files[] = {"field=sound&filename=a.mp3", "field=room", "filename=file",
                                        "", "field="};
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        refuse_upload("token=t&name=boom&sound=x", files[i], MISSING("body", "file"));
}

static void a_text_is_no_file(void **state)
{
    (void)state;
    refuse_upload("token=t&name=boom&file=%22text%22", NULL, NO_FILE("\\`text\\`"));
    refuse_upload("token=t&name=boom&file=", NULL, NO_FILE(""));
    const struct request_parts optional = make_parts("file=text", NULL, "");
    expect_refused(arena, &picture_message, &optional, NO_FILE("text"));
}

static void a_file_is_no_text(void **state)
{
    (void)state;
    refuse_upload("name=boom", "field=token&filename=a",
                  NO_TEXT("token") "," MISSING("body", "file"));
    refuse_upload("token=t&name=boom", "field=kind", MISSING("body", "file") "," NO_TEXT("kind"));
}

static void all_errors_are_collected_in_the_order_of_declaration(void **state)
{
    (void)state;
    refuse_upload("name=b&file=x", NULL,
                  MISSING("body", "token") "," NO_FILE(
                      "x") ",{`type`:`string_too_short`,`loc`:[`body`,`name`],`msg`:`String should "
                           "have at least 2 characters`,`input`:`b`,`ctx`:{`min_length`:2}}");
}

static void a_text_has_its_bounds_in_characters(void **state)
{
    (void)state;
    struct upload upload =
        read_upload("token=t&name=%D1%91%D1%91%D1%91%D1%91%D1%91", "field=file", "x");
    assert_string_equal(upload.name, "ёёёёё");
    refuse_upload("token=t&name=booom+", "field=file",
                  "{`type`:`string_too_long`,`loc`:[`body`,`name`],`msg`:`String should have at "
                  "most 5 characters`,`input`:`booom `,`ctx`:{`max_length`:5}}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_form_gives_its_texts_and_its_file),
        TEST(texts_and_names_are_percent_decoded_and_mended),
        TEST(a_file_without_a_name_or_data_is_a_file),
        TEST(a_file_that_may_be_left_out_has_no_name_then),
        TEST(a_field_takes_its_own_kind_of_what_has_its_name),
        TEST(without_a_form_all_that_is_required_is_missing),
        TEST(a_file_of_another_name_is_not_the_file),
        TEST(a_text_is_no_file),
        TEST(a_file_is_no_text),
        TEST(all_errors_are_collected_in_the_order_of_declaration),
        TEST(a_text_has_its_bounds_in_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
