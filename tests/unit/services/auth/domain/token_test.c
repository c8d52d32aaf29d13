/* SPDX-License-Identifier: MIT */
#include "services/auth/domain/token.h"

#include "lib/base/text.h"

#include <jansson.h>
#include <jwt.h>
#include <nettle/base64.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECRET "dev-secret-change-me"
#define USER "78418dac-87b8-4de3-95e6-d49d3961fa8e"
#define SESSION "0190a1b2-c3d4-7e5f-8a9b-abcdef012345"
#define ISSUED_S 1767268800
#define EXPIRES_S 1767355200

AUTO_DEFINE(jwt_t *, jwt_free)
AUTO_DEFINE(json_t *, json_decref)

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(65536);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static const char *make(void)
{
    return token_make(arena, SECRET, USER, SESSION, ISSUED_S, EXPIRES_S);
}

/* The text of part 0, the header, or 1, the claims. */
static const char *decode_part(const char *token, int part)
{
    if (part == 1)
        token = strchr(token, '.') + 1;
    size_t length = strcspn(token, ".");
    struct base64_decode_ctx context;
    base64url_decode_init(&context);
    size_t size = BASE64_DECODE_LENGTH(length);
    char *text = arena_alloc(arena, size + 1);
    assert_true(base64_decode_update(&context, &size, (uint8_t *)text, length, token));
    text[size] = '\0';
    return text;
}

static void the_header_is_exactly_as_agreed(void **state)
{
    (void)state;
    assert_string_equal(decode_part(make(), 0), "{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    assert_true(text_starts_with(make(), "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
}

static void the_form_is_three_parts_of_base64url_without_padding(void **state)
{
    (void)state;
    const char *token = make();
    assert_int_equal(
        strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."),
        strlen(token));
    const char *claims = strchr(token, '.');
    const char *signature = strrchr(token, '.');
    assert_ptr_not_equal(claims, signature);
    assert_null(memchr(claims + 1, '.', (size_t)(signature - claims - 1)));
    assert_int_equal(strlen(signature + 1), 43); /* 32 bytes */
}

static void the_claims_are_those_four(void **state)
{
    (void)state;
    AUTO(json_decref) json_t *claims = json_loads(decode_part(make(), 1), 0, NULL);
    assert_int_equal(json_object_size(claims), 4);
    assert_string_equal(json_string_value(json_object_get(claims, "sub")), USER);
    assert_string_equal(json_string_value(json_object_get(claims, "sid")), SESSION);
    assert_true(json_is_integer(json_object_get(claims, "iat")));
    assert_int_equal(json_integer_value(json_object_get(claims, "iat")), ISSUED_S);
    assert_int_equal(json_integer_value(json_object_get(claims, "exp")), EXPIRES_S);
}

static int verify(const char *token, const char *secret)
{
    AUTO(jwt_free) jwt_t *jwt = NULL;
    int failed = jwt_decode(&jwt, token, (const unsigned char *)secret, (int)strlen(secret));
    return failed || jwt_get_alg(jwt) != JWT_ALG_HS256;
}

static void the_signature_is_the_secrets(void **state)
{
    (void)state;
    char *token = arena_text(arena, make());
    assert_int_equal(verify(token, SECRET), 0);
    assert_int_not_equal(verify(token, SECRET "!"), 0);

    char *claims = strchr(token, '.') + 1;
    claims[4] = claims[4] == 'A' ? 'B' : 'A';
    assert_int_not_equal(verify(token, SECRET), 0);
}

static void every_claim_is_signed(void **state)
{
    (void)state;
    const char *token = make();
    assert_string_equal(token, make());
    assert_string_not_equal(token,
                            token_make(arena, SECRET, SESSION, SESSION, ISSUED_S, EXPIRES_S));
    assert_string_not_equal(token, token_make(arena, SECRET, USER, USER, ISSUED_S, EXPIRES_S));
    assert_string_not_equal(token, token_make(arena, SECRET, USER, SESSION, 0, EXPIRES_S));
    assert_string_not_equal(token, token_make(arena, SECRET, USER, SESSION, ISSUED_S, 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_header_is_exactly_as_agreed),
        TEST(the_form_is_three_parts_of_base64url_without_padding),
        TEST(the_claims_are_those_four),
        TEST(the_signature_is_the_secrets),
        TEST(every_claim_is_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
