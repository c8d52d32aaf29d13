/* SPDX-License-Identifier: MIT */
#include "lib/base/arena.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#ifdef __has_feature
#define HAS_FEATURE(feature) __has_feature(feature)
#else
#define HAS_FEATURE(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define HAS_ASAN 1
#endif

static bool is_zero(const unsigned char *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] != 0)
            return false;
    return true;
}

static void memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    for (size_t size = 0; size < 100; size++) {
        unsigned char *data = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)data % _Alignof(max_align_t), 0);
        assert_true(is_zero(data, size));
        memset(data, 0xFF, size);
    }
}

static void allocations_larger_than_a_chunk_do_not_overlap(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    unsigned char *small = arena_alloc(arena, 10);
    unsigned char *large = arena_alloc(arena, 100000);
    unsigned char *later = arena_alloc(arena, 10);
    memset(small, 1, 10);
    memset(large, 2, 100000);
    memset(later, 3, 10);
    assert_int_equal(small[9], 1);
    assert_int_equal(large[0], 2);
    assert_int_equal(large[99999], 2);
    assert_int_equal(later[0], 3);
}

static void memory_is_zeroed_again_after_a_reset(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    for (int round = 0; round < 3; round++) {
        unsigned char *data = arena_alloc(arena, 5000);
        assert_true(is_zero(data, 5000));
        memset(data, 0xFF, 5000);
        memset(arena_alloc(arena, 50000), 0xFF, 50000);
        assert_true(arena_used_bytes(arena) >= 55000);
        arena_reset(arena);
        assert_int_equal(arena_used_bytes(arena), 0);
    }
}

/* As with small chunks: those of the usual size would hold all of it. */
static void memory_may_come_in_chunks_of_any_size(void **state)
{
    (void)state;
    static const size_t chunk_bytes[] = {1, 16, 64, 1000};
    for (size_t i = 0; i < sizeof(chunk_bytes) / sizeof(chunk_bytes[0]); i++) {
        AUTO(arena_free) struct arena *arena = arena_new_sized(1 << 20, chunk_bytes[i]);
        unsigned char *data[100];
        for (size_t size = 0; size < 100; size++) {
            data[size] = arena_alloc(arena, size);
            assert_int_equal((uintptr_t)data[size] % _Alignof(max_align_t), 0);
            assert_true(is_zero(data[size], size));
            memset(data[size], (int)size, size);
        }
        for (size_t size = 1; size < 100; size++) {
            assert_int_equal(data[size][0], size);
            assert_int_equal(data[size][size - 1], size);
        }
        arena_reset(arena);
        assert_true(is_zero(arena_alloc(arena, 5000), 5000));
    }
}

static void texts_are_copied(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    char text[] = "hello";
    char *copy = arena_text(arena, text);
    char *start = arena_text_n(arena, text, 4);
    text[0] = 'j';
    assert_string_equal(copy, "hello");
    assert_string_equal(start, "hell");
    assert_null(arena_text(arena, NULL));
    assert_string_equal(arena_printf(arena, "%s-%d", "room", 7), "room-7");
}

static void the_cap_can_be_filled_to_the_last_byte(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(64);
    arena_alloc(arena, 32);
    arena_alloc(arena, 32);
    assert_int_equal(arena_used_bytes(arena), 64);
}

/* Asks for count times size bytes in a process of its own; true when that aborts it. */
static bool asking_aborts(size_t max_bytes, size_t count, size_t size)
{
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr);
        struct arena *arena = arena_new(max_bytes);
        arena_array(arena, count, size);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void past_the_cap_the_process_aborts(void **state)
{
    (void)state;
    assert_false(asking_aborts(1024, 1, 1024));
    assert_true(asking_aborts(1024, 1, 1025));
    assert_true(asking_aborts(1024, 1, SIZE_MAX));
    assert_true(asking_aborts(1024, 1, SIZE_MAX - 15));
}

static void an_array_whose_size_overflows_aborts(void **state)
{
    (void)state;
    assert_true(asking_aborts(1024, SIZE_MAX / 2 + 1, 2));
}

#ifdef HAS_ASAN
static void bytes_that_are_not_allocated_are_poisoned(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1 << 20);
    char *data = arena_alloc(arena, 20);
    assert_false(__asan_address_is_poisoned(data + 19));
    assert_true(__asan_address_is_poisoned(data + 20));
    arena_reset(arena);
    assert_true(__asan_address_is_poisoned(data));
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(allocations_larger_than_a_chunk_do_not_overlap),
        cmocka_unit_test(memory_is_zeroed_again_after_a_reset),
        cmocka_unit_test(memory_may_come_in_chunks_of_any_size),
        cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(the_cap_can_be_filled_to_the_last_byte),
        cmocka_unit_test(past_the_cap_the_process_aborts),
        cmocka_unit_test(an_array_whose_size_overflows_aborts),
#ifdef HAS_ASAN
        cmocka_unit_test(bytes_that_are_not_allocated_are_poisoned),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
