/* SPDX-License-Identifier: MIT */
/* Any text can be spoken, has no sound, or brings down the process that speaks it; none hangs, or
 * makes our part of that process go wrong. The input is the voice, words a minute, pitch, and the
 * text, which is divided among the voices as the daemon does it (domain/parts.h); what is for the
 * first of them is then spoken as it is, with all the markup that the daemon would have taken out.
 *
 * espeak-ng 1.51 still dies over some texts that make no sense ("ഽഽX"), since it uses variables
 * that it has not set, writes past the end of arrays, and reads what it has freed. The worker's
 * sandbox and its replacement are for that, so such deaths, and what AddressSanitizer finds inside
 * of espeak_Synth, are only told: look for them in the log. */
#include "lib/base/text.h"
#include "services/media/domain/parts.h"
#include "services/media/voice/worker/speech.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <espeak-ng/speak_lib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define INPUT_MAX_BYTES (VOICE_TEXT_MAX + 3)
#define ARENA_BYTES (4u * 1024 * 1024)
#define WRONG 3 /* exit code of a speaker that our part went wrong in */

const char *__asan_default_options(void);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What espeak-ng forgets to free is not ours. */
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

static bool is_in_espeak;

void __asan_on_error(void);

/* Ends the process as a crash of espeak-ng would. */
void __asan_on_error(void)
{
    if (is_in_espeak)
        abort();
}

/* The library's, with a note that it is in there. */
ESPEAK_API espeak_ERROR espeak_Synth(const void *text, size_t size, unsigned position,
                                     espeak_POSITION_TYPE type, unsigned end, unsigned flags,
                                     unsigned *identifier, void *closure)
{
    static espeak_ERROR (*synth)(const void *, size_t, unsigned, espeak_POSITION_TYPE, unsigned,
                                 unsigned, unsigned *, void *);
    if (!synth)
        *(void **)&synth = dlsym(RTLD_NEXT, "espeak_Synth");
    is_in_espeak = true;
    espeak_ERROR result = synth(text, size, position, type, end, flags, identifier, closure);
    is_in_espeak = false;
    return result;
}

/* A worker has one voice for good; here they take turns, which is slow. */
static void open_voice(const struct voice *voice)
{
    static const char *opened;
    if (text_equal(opened, voice->espeak))
        return;
    speech_find_data();
    bool is_open = speech_open(voice->espeak);
    assert(is_open);
    opened = voice->espeak;
}

/* Valid UTF-8 without NUL, with a mark in the place of what is not. */
static const char *clean(struct arena *arena, const uint8_t *data, size_t size)
{
    AUTO_BUFFER(text, INPUT_MAX_BYTES * 3);
    size_t bytes;
    for (const char *at = (const char *)data; size > 0; at += bytes, size -= bytes) {
        uint32_t code_point;
        bytes = text_utf8_decode(at, size, &code_point);
        text_utf8_append(&text, code_point ? code_point : '?');
    }
    return arena_text_n(arena, text.data, text.size);
}

static bool speak(const char *text, const struct voice_request *request)
{
    AUTO_BUFFER(pcm, VOICE_PCM_MAX);
    bool has_sound = speech_say(text, request, &pcm);
    return has_sound == (pcm.size > 0) && !pcm.overflowed && pcm.size % sizeof(int16_t) == 0;
}

/* In a process of its own, which dies of signals and not of libFuzzer's handlers for them. */
static void speak_apart(const char *text, const struct voice_request *request)
{
    pid_t pid = fork();
    assert(pid >= 0);
    if (pid == 0) {
        static const int deadly[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
        for (size_t i = 0; i < ARRAY_LEN(deadly); i++)
            signal(deadly[i], SIG_DFL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(speak(text, request) ? 0 : WRONG);
    }
    int end;
    pid_t ended;
    do
        ended = waitpid(pid, &end, 0);
    while (ended < 0 && errno == EINTR); /* libFuzzer's alarm */
    assert(ended == pid);
    if (WIFSIGNALED(end))
        fprintf(stderr, "espeak-ng dies of signal %d over: %s\n", WTERMSIG(end), text);
    assert(WIFSIGNALED(end) || WEXITSTATUS(end) == 0);
}

static const struct voice *choose_voice(uint8_t byte)
{
    size_t count;
    const struct voice *voices = voices_list(&count);
    return &voices[byte % count];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4 || size > INPUT_MAX_BYTES)
        return 0;
    const struct voice_request request = {
        .speed_wpm = (uint16_t)(VOICE_WPM_MIN + data[1] % (VOICE_WPM_MAX - VOICE_WPM_MIN + 1)),
        .pitch = data[2] % 100,
    };
    AUTO(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    const char *text = clean(arena, data + 3, size - 3);
    struct voice_part parts[VOICE_PARTS_MAX];
    size_t count = parts_divide(arena, choose_voice(data[0]), text, parts);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].voice != parts[0].voice || strlen(parts[i].text) > VOICE_TEXT_MAX)
            continue;
        open_voice(parts[i].voice);
        speak_apart(parts[i].text, &request);
    }
    return 0;
}
