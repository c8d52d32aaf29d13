/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/gift_list.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What was told of the last gift, and how many there were. */
struct told {
    size_t count;
    struct live_gift gift;
    char name[64];
    char image[64];
};

static void take(void *closure, const struct live_gift *gift)
{
    struct told *told = closure;
    told->count++;
    told->gift = *gift;
    (void)snprintf(told->name, sizeof(told->name), "%s", gift->name);
    (void)snprintf(told->image, sizeof(told->image), "%s", gift->image);
}

static struct told read_status(long status, const char *body)
{
    const struct http_reply reply = {.status = status, .body = {body, strlen(body)}};
    struct told told = {0};
    size_t count = gift_list_read(&reply, take, &told);
    assert_int_equal(count, told.count);
    return told;
}

static struct told read_list(const char *body)
{
    return read_status(200, body);
}

#define LIST(gifts) "{\"data\":{\"gifts\":[" gifts "]},\"status_code\":0}"
#define ROSE                                                                                       \
    "{\"id\":5655,\"name\":\"Rose\",\"diamond_count\":1,\"combo\":true,\"type\":1,"                \
    "\"describe\":\"sent Rose\",\"image\":{\"url_list\":[\"https://a.invalid/rose\","              \
    "\"https://b.invalid/rose\"]},\"icon\":{\"url_list\":[\"https://a.invalid/icon\"]}}"

static void a_gift_is_told_with_all_that_describes_it(void **state)
{
    (void)state;
    const struct told told = read_list(LIST(ROSE));
    assert_int_equal(told.count, 1);
    assert_int_equal(told.gift.gift_id, 5655);
    assert_string_equal(told.name, "Rose");
    assert_true(told.gift.has_price);
    assert_int_equal(told.gift.diamond_count, 1);
    assert_true(told.gift.streakable);
    assert_string_equal(told.image, "https://a.invalid/rose");
}

static void numbers_may_come_as_text_and_the_picture_as_icon(void **state)
{
    (void)state;
    const struct told told =
        read_list(LIST("{\"id\":\"6613136945558335594\",\"name\":\"x\",\"diamond_count\":\"30\","
                       "\"icon\":{\"url_list\":[\"https://a.invalid/icon\"]}}"));
    assert_int_equal(told.count, 1);
    assert_true(told.gift.gift_id == INT64_C(6613136945558335594));
    assert_int_equal(told.gift.diamond_count, 30);
    assert_false(told.gift.streakable);
    assert_string_equal(told.image, "https://a.invalid/icon");
}

static void what_is_no_gift_is_left_out_and_what_comes_after_it_is_not(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "null",
        "5",
        "[]",
        "{}",
        "{\"name\":\"x\",\"diamond_count\":1}",
        "{\"id\":0,\"name\":\"x\",\"diamond_count\":1}",
        "{\"id\":-1,\"name\":\"x\",\"diamond_count\":1}",
        "{\"id\":1.5,\"name\":\"x\",\"diamond_count\":1}",
        "{\"id\":\"1 or 1\",\"name\":\"x\",\"diamond_count\":1}",
        "{\"id\":1,\"diamond_count\":1}",
        "{\"id\":1,\"name\":7,\"diamond_count\":1}",
        "{\"id\":1,\"name\":\"x\"}",
        "{\"id\":1,\"name\":\"x\",\"diamond_count\":-1}",
        "{\"id\":1,\"name\":\"x\",\"diamond_count\":99999999999}",
    };
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        AUTO_BUFFER(body, 4096);
        buffer_printf(&body, "{\"data\":{\"gifts\":[%s,%s]}}", odd[i], ROSE);
        const struct told told = read_list(buffer_text(&body));
        assert_int_equal(told.count, 1);
        assert_string_equal(told.name, "Rose");
    }
}

static void odd_pictures_are_none(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "null", "7", "{}", "{\"url_list\":null}", "{\"url_list\":[]}", "{\"url_list\":[7]}",
        "\"x\""};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        AUTO_BUFFER(body, 4096);
        buffer_printf(&body,
                      "{\"data\":{\"gifts\":[{\"id\":1,\"name\":\"x\",\"diamond_count\":1,"
                      "\"image\":%s}]}}",
                      odd[i]);
        const struct told told = read_list(buffer_text(&body));
        assert_int_equal(told.count, 1);
        assert_string_equal(told.image, "");
    }
}

static void no_other_answer_names_a_gift(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "<html>Please wait...</html>",
        "null",
        "[]",
        "{}",
        "{\"data\":null}",
        "{\"data\":{}}",
        "{\"data\":{\"gifts\":{}}}",
        "{\"data\":{\"gifts\":[" ROSE,
        "{\"data\":{\"gifts\":[" ROSE "]},\"status_code\":20003}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        assert_int_equal(read_list(bodies[i]).count, 0);
    assert_int_equal(read_status(403, LIST(ROSE)).count, 0);
    assert_int_equal(read_status(0, "").count, 0);
}

static void a_list_without_end_is_cut(void **state)
{
    (void)state;
    AUTO_BUFFER(body, (size_t)4 * 1024 * 1024);
    buffer_add_text(&body, "{\"data\":{\"gifts\":[" ROSE);
    for (int i = 0; i < GIFT_LIST_MAX; i++)
        buffer_add_text(&body, "," ROSE);
    buffer_add_text(&body, "]}}");
    assert_int_equal(read_list(buffer_text(&body)).count, GIFT_LIST_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gift_is_told_with_all_that_describes_it),
        cmocka_unit_test(numbers_may_come_as_text_and_the_picture_as_icon),
        cmocka_unit_test(what_is_no_gift_is_left_out_and_what_comes_after_it_is_not),
        cmocka_unit_test(odd_pictures_are_none),
        cmocka_unit_test(no_other_answer_names_a_gift),
        cmocka_unit_test(a_list_without_end_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
