/* SPDX-License-Identifier: MIT */
#include "services/media/speech/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct speech_job *job_of(const char *text)
{
    const struct speech_key key = {"0123"};
    return speech_job_new(&key, voices_get(NULL), text);
}

static void jobs_come_out_in_order_until_the_queue_is_closed_and_empty(void **state)
{
    (void)state;
    struct speech_queue *queue = speech_queue_new(2, NULL, "");
    for (int round = 0; round < 3; round++) {
        assert_true(speech_queue_add(queue, job_of("a")));
        assert_true(speech_queue_add(queue, job_of("b")));
        struct speech_job *one_too_many = job_of("c");
        assert_false(speech_queue_add(queue, one_too_many));
        speech_job_free(one_too_many);
        if (round == 2)
            speech_queue_close(queue);
        static const char *const order[] = {"a", "b"};
        for (size_t i = 0; i < ARRAY_LEN(order); i++) {
            struct speech_job *job = speech_queue_take(queue);
            assert_string_equal(job->text, order[i]);
            speech_job_free(job);
        }
    }
    assert_null(speech_queue_take(queue));
    speech_queue_free(queue);
}

static void a_closed_queue_takes_nothing_and_frees_what_it_holds(void **state)
{
    (void)state;
    struct speech_queue *queue = speech_queue_new(2, NULL, "");
    assert_true(speech_queue_add(queue, job_of("a")));
    speech_queue_close(queue);
    struct speech_job *late = job_of("b");
    assert_false(speech_queue_add(queue, late));
    speech_job_free(late);
    speech_queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_come_out_in_order_until_the_queue_is_closed_and_empty),
        cmocka_unit_test(a_closed_queue_takes_nothing_and_frees_what_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
