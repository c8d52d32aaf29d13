/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/sim.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "tools/webcast-sim/scenario.h"

#define SIM_SCRATCH_MAX_BYTES (256u << 20)

/* --scenario also takes the modes of the sign server and the pages, as sign_429_bare or pages_waf.
 */
static bool scenario_choose(struct sim *sim, const char *name)
{
    sim->scenario = scenario_find("normal");
    if (text_starts_with(name, "sign_"))
        return mode_parse(sign_mode_names, SIGN_MODE_COUNT, name + strlen("sign_"),
                          &sim->sign.choice);
    if (text_starts_with(name, "pages_"))
        return mode_parse(pages_mode_names, PAGES_MODE_COUNT, name + strlen("pages_"),
                          &sim->pages.choice);
    sim->scenario = scenario_find(name);
    return sim->scenario != NULL;
}

bool sim_init(struct sim *sim, const struct options *options)
{
    *sim = (struct sim){.options = options, .sign_wait_s = 2};
    sim->last_msg_id = clock_wall_ms() << 22;
    if (!scenario_choose(sim, options->scenario)) {
        log_error(NULL, "no such scenario", LOG_TEXT("scenario", options->scenario));
        return false;
    }
    if (options->replay) {
        sim->replay = replay_open(options->replay);
        if (!sim->replay)
            return false;
    }
    sim->scratch = arena_new(SIM_SCRATCH_MAX_BYTES);
    sim->gzip = gzip_new();
    sim->bootstraps = bootstraps_new((uint64_t)options->seed);
    return true;
}

int64_t sim_next_msg_id(struct sim *sim)
{
    return ++sim->last_msg_id;
}

void sim_client_error(struct sim *sim, const char *room, const char *what)
{
    char error[SIM_TEXT_SIZE];
    snprintf(error, sizeof(error), "%s: %s", room, what);
    if (text_equal(error, sim->last_error))
        return; /* thousands of the same would hide the others */
    memcpy(sim->last_error, error, sizeof(error));
    log_warning(NULL, "client error", LOG_TEXT("room", room), LOG_TEXT("what", what));
}

void sim_note_user_agent(struct sim *sim, const char *user_agent)
{
    char cut[SIM_TEXT_SIZE];
    snprintf(cut, sizeof(cut), "%s", user_agent);
    for (size_t i = 0; i < SIM_USER_AGENTS; i++) {
        if (text_equal(sim->user_agents[i], cut))
            return;
        if (!sim->user_agents[i][0]) {
            memcpy(sim->user_agents[i], cut, sizeof(cut));
            return;
        }
    }
}

void sim_done(struct sim *sim)
{
    rooms_done(&sim->rooms);
    bootstraps_free(sim->bootstraps);
    gzip_free(sim->gzip);
    arena_free(sim->scratch);
    replay_close(sim->replay);
}
