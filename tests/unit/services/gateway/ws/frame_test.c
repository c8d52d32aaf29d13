/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct frame *make(char content, size_t size)
{
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, content, size);
    struct frame *frame = frame_new((struct slice){text, size});
    free(text);
    return frame;
}

static void a_frame_holds_a_copy(void **state)
{
    (void)state;
    struct frame *frame = make('a', 3);
    assert_int_equal(frame_size(frame), 3);
    assert_memory_equal(frame_payload(frame), "aaa", 3);
    frame_drop(frame_hold(frame));
    assert_memory_equal(frame_payload(frame), "aaa", 3);
    frame_drop(frame);
    frame_drop(NULL);
}

static void frames_leave_in_the_order_in_which_they_came(void **state)
{
    (void)state;
    struct frame_queue queue = {0};
    unsigned added = 0;
    /* Two in, one out: the ring grows while it is in use and wraps. */
    for (unsigned taken = 0; taken < 100; taken++) {
        for (unsigned i = 0; i < 2; i++) {
            struct frame *frame = make((char)added++, 1);
            assert_true(frame_queue_add(&queue, frame));
            frame_drop(frame);
        }
        const struct frame *next = frame_queue_first(&queue);
        struct frame *first = frame_queue_take(&queue);
        assert_ptr_equal(next, first);
        assert_int_equal(*frame_payload(first), taken);
        frame_drop(first);
    }
    assert_int_equal(queue.count, 100);
    assert_int_equal(queue.bytes, 100);
    frame_queue_clear(&queue);
    assert_null(frame_queue_first(&queue));
    assert_null(frame_queue_take(&queue));
}

static void a_queue_takes_so_many_frames_and_no_more(void **state)
{
    (void)state;
    struct frame_queue queue = {0};
    struct frame *frame = make('a', 10);
    for (unsigned i = 0; i < FRAME_QUEUE_MAX; i++)
        assert_true(frame_queue_add(&queue, frame));
    assert_false(frame_queue_add(&queue, frame));
    frame_drop(frame_queue_take(&queue));
    assert_true(frame_queue_add(&queue, frame));
    frame_queue_clear(&queue);
    frame_drop(frame);
}

static void a_queue_takes_so_many_bytes_and_no_more(void **state)
{
    (void)state;
    struct frame_queue queue = {0};
    struct frame *half = make('a', FRAME_QUEUE_MAX_BYTES / 2);
    struct frame *byte = make('b', 1);
    assert_true(frame_queue_add(&queue, half));
    assert_true(frame_queue_add(&queue, half));
    assert_false(frame_queue_add(&queue, byte));
    frame_drop(frame_queue_take(&queue));
    assert_true(frame_queue_add(&queue, byte));
    assert_false(frame_queue_add(&queue, half));
    frame_queue_clear(&queue);
    frame_drop(half);
    frame_drop(byte);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_holds_a_copy),
        cmocka_unit_test(frames_leave_in_the_order_in_which_they_came),
        cmocka_unit_test(a_queue_takes_so_many_frames_and_no_more),
        cmocka_unit_test(a_queue_takes_so_many_bytes_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
