/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/pcm.h"

#include <math.h>

#define SAMPLE_MAX 1000.0F

static size_t frame_bytes(const struct pcm *pcm)
{
    return pcm->channels * sizeof(float);
}

bool pcm_reserve(struct pcm *pcm, size_t frames)
{
    const size_t most = PCM_BYTES_MAX / frame_bytes(pcm);
    if (frames > most - pcm->frames)
        return false;
    if (pcm->frames + frames <= pcm->capacity)
        return true;
    size_t capacity = 2 * pcm->capacity;
    if (capacity < pcm->frames + frames)
        capacity = pcm->frames + frames;
    if (capacity > most)
        capacity = most;
    pcm->samples = realloc(pcm->samples, capacity * frame_bytes(pcm));
    if (!pcm->samples)
        abort();
    pcm->capacity = capacity;
    return true;
}

float *pcm_end(const struct pcm *pcm)
{
    return pcm->samples + pcm->frames * pcm->channels;
}

void pcm_extend(struct pcm *pcm, size_t frames)
{
    float *samples = pcm_end(pcm);
    for (size_t i = 0; i < frames * pcm->channels; i++)
        samples[i] = fabsf(samples[i]) <= SAMPLE_MAX ? samples[i] : 0;
    pcm->frames += frames;
}

void pcm_done(struct pcm *pcm)
{
    free(pcm->samples);
    *pcm = (struct pcm){0};
}
