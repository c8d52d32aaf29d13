/* SPDX-License-Identifier: MIT */
/* ttb-voice: speaks texts for the media daemon with one espeak-ng voice, inside a sandbox.
 * services/media/voice/wire.h says how. */
#include "lib/base/buffer.h"
#include "lib/base/text.h"
#include "services/media/voice/wire.h"
#include "services/media/voice/worker/mp3.h"
#include "services/media/voice/worker/sandbox.h"
#include "services/media/voice/worker/sanitized.h"
#include "services/media/voice/worker/speech.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Without Landlock a refused dictionary leaves espeak-ng without English too: such a worker is
 * replaced soon. */
#define TEXTS_WHEN_BLIND 50

struct recording {
    struct mp3 *mp3;
    size_t samples;
    size_t max_samples;
};

static bool read_full(int fd, void *data, size_t size)
{
    for (char *at = data; size > 0;) {
        ssize_t got = read(fd, at, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

static bool write_full(int fd, const void *data, size_t size)
{
    for (const char *at = data; size > 0;) {
        ssize_t put = write(fd, at, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        size -= (size_t)put;
    }
    return true;
}

static bool answer(int fd, enum voice_result result, struct slice audio)
{
    struct voice_answer head = {.result = result, .audio_bytes = (uint32_t)audio.size};
    return write_full(fd, &head, sizeof(head)) && write_full(fd, audio.data, audio.size);
}

/* The parent's own end of file is how a worker usually ends; this is for one that is busy when the
 * parent dies. */
static void die_with_parent(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Moves the answers off fd 1 and silences it and stderr: what libraries print must get neither
 * between the answers nor into the log. Returns the answers' new fd, -1 on failure. */
static int take_answer_fd(void)
{
    int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    sanitizer_keep_stderr();
    if (fd < 0 || null < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
        return -1;
    close(null);
    return fd;
}

static bool record(void *context, const int16_t *samples, size_t count)
{
    struct recording *recording = context;
    size_t room = recording->max_samples - recording->samples;
    size_t taken = count < room ? count : room;
    recording->samples += taken;
    return mp3_add(recording->mp3, samples, taken) && taken == count;
}

static enum voice_result speak(const struct voice_request *request, char *text, struct buffer *out)
{
    AUTO(mp3_free) struct mp3 *mp3 = mp3_new(speech_rate_hz(), out);
    if (!mp3)
        return VOICE_RESULT_FAILED;
    struct recording recording = {
        .mp3 = mp3,
        .max_samples = (size_t)VOICE_SECONDS_MAX * speech_rate_hz(),
    };
    if (!speech_say(text, request->speed_wpm, request->pitch, record, &recording))
        return VOICE_RESULT_FAILED;
    if (recording.samples == 0 || !mp3_finish(mp3) || out->overflowed)
        return VOICE_RESULT_FAILED;
    return VOICE_RESULT_OK;
}

/* False at end of file, or when the peer breaks the protocol. */
static bool serve_one(int in, int out)
{
    struct voice_request request;
    char text[VOICE_TEXT_MAX + 1];
    if (!read_full(in, &request, sizeof(request)))
        return false;
    if (request.text_bytes == 0 || request.text_bytes > VOICE_TEXT_MAX)
        return false;
    if (!read_full(in, text, request.text_bytes))
        return false;
    text[request.text_bytes] = '\0';

    AUTO_BUFFER(audio, VOICE_AUDIO_MAX);
    enum voice_result result = VOICE_RESULT_FAILED;
    if (text_utf8_is_valid(text, request.text_bytes))
        result = speak(&request, text, &audio);
    struct slice spoken = result == VOICE_RESULT_OK ? buffer_slice(&audio) : (struct slice){0};
    return answer(out, result, spoken);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: ttb-voice <espeak-ng voice>, started by ttb-media\n");
        return 2;
    }
    die_with_parent();
    int out = take_answer_fd();
    if (out < 0)
        return 1;
    bool can_open = sandbox_confine_files(speech_find_data());
    if (!speech_open(argv[1]))
        return !answer(out, VOICE_RESULT_NO_VOICE, (struct slice){0});
    if (!sandbox_close(can_open))
        return !answer(out, VOICE_RESULT_NO_SANDBOX, (struct slice){0});

    bool goes_on = answer(out, VOICE_RESULT_OK, (struct slice){0});
    for (unsigned texts = 0; goes_on && (can_open || texts < TEXTS_WHEN_BLIND); texts++)
        goes_on = serve_one(STDIN_FILENO, out);
    /* Exit handlers, an audio library's or a sanitizer's, would want what the sandbox refuses. */
    syscall(SYS_exit_group, 0);
}
