/* SPDX-License-Identifier: MIT */
#include "services/auth/handlers/accounts.h"

#include "lib/base/uuid.h"
#include "services/auth/auth.h"
#include "services/auth/domain/attempts.h"
#include "services/auth/domain/password.h"
#include "services/auth/domain/token.h"
#include "services/auth/domain/username.h"
#include "services/auth/handlers/together.h"
#include "services/auth/hashing/lane.h"

/* ---- hashing ---- */

struct hashing {
    const char *password;
    unsigned rounds;
    unsigned char salt[PASSWORD_SALT_BYTES];
    char hash[PASSWORD_HASH_SIZE];
};

static void compute_hash(void *closure)
{
    struct hashing *job = closure;
    password_hash(job->password, job->rounds, job->salt, job->hash);
}

const char *password_hash_now(struct call *call, const char *password)
{
    const struct auth *auth = call->app;
    struct hashing job = {.password = password, .rounds = auth->config->pbkdf2_rounds};
    random_bytes(job.salt, sizeof(job.salt));
    hash_lane_run(auth->hashing, compute_hash, &job);
    return arena_text(call->arena, job.hash);
}

struct matching {
    const char *password;
    const char *hash;
    bool matches;
};

static void compute_match(void *closure)
{
    struct matching *job = closure;
    job->matches = password_matches(job->password, job->hash);
}

static bool password_fits(struct call *call, const char *password, const struct user *user)
{
    const struct auth *auth = call->app;
    if (!user->password_hash) {
        (void)password_hash_now(call, password); /* as long as a real check: no oracle for names */
        return false;
    }
    struct matching job = {.password = password, .hash = user->password_hash};
    hash_lane_run(auth->hashing, compute_match, &job);
    return job.matches;
}

/* ---- credentials ---- */

enum status credentials_check(struct call *call, const char *username, const char *password,
                              struct credentials *ret_credentials)
{
    const char *folded = username_fold(call->arena, username);
    if (!folded)
        return call_fail(call, STATUS_BAD_REQUEST, "invalid username");
    if (!password_is_allowed(password))
        return call_fail(call, STATUS_BAD_REQUEST, "invalid password");
    *ret_credentials = (struct credentials){folded, password};
    return STATUS_OK;
}

static int64_t wait_ms(const struct attempt_subject *subject)
{
    return attempts_wait_ms(subject->failures, subject->free_failures, subject->elapsed_ms);
}

/* Lets the attempt through, or holds it back. */
static enum status admit(struct call *call, const struct attempt *attempt)
{
    int64_t own_ms = wait_ms(&attempt->own);
    int64_t address_ms = wait_ms(&attempt->address);
    int64_t longest_ms = own_ms > address_ms ? own_ms : address_ms;
    if (longest_ms > 0)
        return call_fail_retry(call, STATUS_TOO_MANY, NULL, (unsigned)((longest_ms + 999) / 1000));

    enum status status = attempts_claim(call, attempt);
    if (status == STATUS_CONFLICT) /* what comes of the other attempt is known soon */
        return call_fail_retry(call, STATUS_TOO_MANY, NULL, 1);
    return status;
}

static enum status refuse(struct call *call, const struct attempt *attempt)
{
    enum status status = attempts_fail(call, attempt);
    if (status != STATUS_OK)
        return status;
    return call_fail(call, STATUS_UNAUTHENTICATED, "invalid credentials");
}

/* Another sign-in has replaced the hash, or the password was changed: what holds now decides. */
static enum status look_again(struct call *call, const char *password, struct user *user)
{
    struct user now;
    enum status status = users_find(call, user->id, &now);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && !password_fits(call, password, &now)))
        return call_fail(call, STATUS_UNAUTHENTICATED, "invalid credentials");
    if (status == STATUS_OK)
        *user = now;
    return status;
}

static enum status replace_weak_hash(struct call *call, const char *password, struct user *user)
{
    const struct auth *auth = call->app;
    if (!password_hash_is_weak(user->password_hash, auth->config->pbkdf2_rounds))
        return STATUS_OK;
    const char *fresh = password_hash_now(call, password);
    enum status status = users_update_hash(call, user->id, user->password_hash, fresh);
    if (status == STATUS_NOT_FOUND)
        return look_again(call, password, user);
    if (status == STATUS_OK)
        user->password_hash = fresh;
    else /* the sign-in stands without it; the next one tries again */
        log_warning(&call->log, "a weak password hash could not be replaced");
    return STATUS_OK;
}

/* Without it the sign-in stands, too: the next one tries again. */
static void remember_address(struct call *call, const char *user_id, const char *network)
{
    if (addresses_remember(call, user_id, network) != STATUS_OK)
        log_warning(&call->log, "an address could not be remembered");
}

enum status credentials_verify(struct call *call, const struct credentials *credentials,
                               struct user *ret_user)
{
    const char *network = attempts_network(call->arena, call->caller.address);
    struct attempt_question question = {
        .call = call, .username = credentials->username, .network = network};
    enum status status = together_find(call, &question);
    if (status != STATUS_OK)
        return status;
    struct attempt *attempt = &question.attempt;
    status = admit(call, attempt);
    if (status != STATUS_OK)
        return status;

    struct user *user = &attempt->user;
    if (!password_fits(call, credentials->password, user))
        return refuse(call, attempt);
    status = attempts_succeed(call, attempt);
    if (status != STATUS_OK)
        return status;
    if (user->is_banned)
        return call_fail(call, STATUS_FORBIDDEN, "user banned");
    if (!user->is_confirmed)
        status = users_confirm(call, user->id);
    if (status != STATUS_OK)
        return status;
    status = replace_weak_hash(call, credentials->password, user);
    if (status != STATUS_OK)
        return status;
    if (!attempt->is_remembered)
        remember_address(call, user->id, network);
    *ret_user = *user;
    return STATUS_OK;
}

/* ---- accounts and sessions ---- */

enum status account_make(struct call *call, const struct credentials *credentials,
                         bool is_confirmed, const char **ret_user_id)
{
    struct uuid id;
    uuid_make(&id);
    const char *hash = password_hash_now(call, credentials->password);
    enum status status = users_insert(call, id.text, credentials->username, hash, is_confirmed);
    if (status == STATUS_CONFLICT)
        return call_fail(call, STATUS_CONFLICT, "user exists");
    if (status != STATUS_OK)
        return status;
    remember_address(call, id.text, attempts_network(call->arena, call->caller.address));
    *ret_user_id = arena_text(call->arena, id.text);
    return STATUS_OK;
}

enum status session_open(struct call *call, const char *user_id, const char *password_hash,
                         const char **ret_token)
{
    const struct auth *auth = call->app;
    int64_t now_s = call->now_ms / 1000;
    int64_t expires_s = now_s + auth_token_ttl_s(auth->config);
    struct uuid session;
    uuid_make(&session);
    struct session_opening opening = {
        .id = session.text,
        .user_id = user_id,
        .password_hash = password_hash,
        .address = call->caller.address,
        .agent = call->caller.agent,
        .expires_s = expires_s,
    };
    enum status status = together_open(call, &opening);
    if (status != STATUS_OK)
        return status;
    if (!opening.is_open)
        return call_fail(call, STATUS_UNAUTHENTICATED, "invalid credentials");
    *ret_token =
        token_make(call->arena, auth->config->jwt_secret, user_id, session.text, now_s, expires_s);
    return STATUS_OK;
}
