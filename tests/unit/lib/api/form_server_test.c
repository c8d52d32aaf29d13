/* SPDX-License-Identifier: MIT */
/* Forms, from the headers that the gateway makes of them to the handler. */
#include "tests/unit/lib/api/serving.h"

#define SUBJECT_UPLOAD "rpc.formtest.upload"

struct upload_request {
    const char *name;
    struct file file;
};
struct upload_reply {
    const char *name;
    const char *filename;
    int64_t size;
};

static const struct field upload_fields[] = {
    {.name = "name",
     .offset = offsetof(struct upload_request, name),
     .required = true,
     .max = &(const int64_t){8}},
    {.name = "file",
     .type = FIELD_FILE,
     .offset = offsetof(struct upload_request, file),
     .required = true},
};
static const struct field uploaded_fields[] = {
    {.name = "name", .offset = offsetof(struct upload_reply, name)},
    {.name = "filename", .offset = offsetof(struct upload_reply, filename)},
    {.name = "size", .type = FIELD_INT, .offset = offsetof(struct upload_reply, size)},
};
static const struct message upload_message = {.name = "upload_request",
                                              .size = sizeof(struct upload_request),
                                              .fields = upload_fields,
                                              .count = ARRAY_LEN(upload_fields),
                                              .has_body = true,
                                              .is_form = true};
static const struct message uploaded_message = {.name = "upload_reply",
                                                .size = sizeof(struct upload_reply),
                                                .fields = uploaded_fields,
                                                .count = ARRAY_LEN(uploaded_fields)};

static enum status handle_upload(struct call *call, const void *input, void *output)
{
    const struct upload_request *in = input;
    struct upload_reply *out = output;
    out->name = arena_printf(call->arena, "%s %s", in->name, (const char *)in->file.data.data);
    out->filename = in->file.name;
    out->size = (int64_t)in->file.data.size;
    return STATUS_OK;
}

static const struct api_endpoint endpoints[] = {
    {"upload", SUBJECT_UPLOAD, API_POOL_IO, &upload_message, &uploaded_message, handle_upload,
     false},
};
static const struct api_service service = {"formtest", endpoints, ARRAY_LEN(endpoints)};

static int set_up(void **state)
{
    *state = start_serving(&service);
    return 0;
}

static void upload(struct fixture *fixture, const char *form, const char *file)
{
    const struct bus_header headers[] = {
        {CALL_HEADER_CONTENT_TYPE, "multipart/form-data; boundary=x"},
        {CALL_HEADER_FORM, form},
        {CALL_HEADER_FILE, file},
    };
    ask(fixture, SUBJECT_UPLOAD, headers, ARRAY_LEN(headers), (struct slice){"data\0more", 9});
}

static void a_form_reaches_its_handler(void **state)
{
    AUTO_BUFFER(body, 1024);
    upload(*state, "name=a%20b", "field=file&filename=%D1%91.mp3");
    AUTO(natsMsg_Destroy) natsMsg *reply = take_reply(*state, &body);
    check_status(reply, "200");
    assert_string_equal(buffer_text(&body),
                        "{\"name\":\"a b data\",\"filename\":\"ё.mp3\",\"size\":9}");
}

static void a_form_without_its_parts_is_answered_with_the_list(void **state)
{
    upload(*state, NULL, NULL);
    check_json(*state, "422",
               "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"name\"],"
               "\"msg\":\"Field required\",\"input\":null},"
               "{\"type\":\"missing\",\"loc\":[\"body\",\"file\"],"
               "\"msg\":\"Field required\",\"input\":null}]}");
}

static void a_form_with_too_much_text_is_refused_unread(void **state)
{
    struct fixture *fixture = *state;
    char *form = make_letters(fixture->arena, CALL_FORM_MAX_BYTES + 1);
    upload(fixture, form, "field=file");
    check_json(fixture, "413", "{\"detail\":\"Request Entity Too Large\"}");
    memcpy(form, "name=ab&", 8);
    form[CALL_FORM_MAX_BYTES] = '\0';
    upload(fixture, form, "field=file");
    AUTO_BUFFER(body, 1024);
    AUTO(natsMsg_Destroy) natsMsg *reply = take_reply(fixture, &body);
    check_status(reply, "200");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, stop_serving)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_form_reaches_its_handler),
        TEST(a_form_without_its_parts_is_answered_with_the_list),
        TEST(a_form_with_too_much_text_is_refused_unread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
