/* SPDX-License-Identifier: MIT */
/* What well-known gifts are called in Russian. */
#pragma once

/* By the name that TikTok sends, to the letter; NULL for a gift that is not known. */
const char *gift_names_russian(const char *name);
