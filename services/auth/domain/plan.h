/* SPDX-License-Identifier: MIT */
/* What a user without an active licence may do. */
#pragma once

#define PLAN_FREE_ID "nova_free_streamer"
#define PLAN_FREE_NAME "NovaFree Streamer"
#define PLAN_FREE_PLATFORMS "desktop,mobile"
#define PLAN_FREE_TIKTOK_ACCOUNTS 1
