/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/people.h"

#include "lib/base/macros.h"
#include "tools/webcast-sim/dice.h"

#include <stdio.h>

/* A letter case of its own, right-to-left text and emoji alone: what real names are like. */
static const struct {
    const char *handle;
    const char *nickname;
} names[] = {
    {"masha", "Маша"},
    {"alexey", "Алексей"},
    {"dasha", "Даша"},
    {"kirill", "Кирилл"},
    {"nastya", "Настя"},
    {"vanya", "Ваня"},
    {"olya", "Оля"},
    {"dima", "Дима"},
    {"sveta", "Светлана"},
    {"artem", "Артём"},
    {"liza", "Лиза"},
    {"maksim", "Максим"},
    {"ksyusha", "Ксюша"},
    {"egor", "Егор"},
    {"vika", "Виктория"},
    {"timur", "Тимур"},
    {"katya", "Катюша"},
    {"roma", "Рома"},
    {"yulia", "Юлия"},
    {"misha", "Миша"},
    {"polina", "Полина"},
    {"gleb", "Глеб"},
    {"sonya", "Соня"},
    {"babulya", "Бабуля Зина"},
    {"olivia", "Olivia"},
    {"noah", "Noah"},
    {"emma", "𝓔𝓶𝓶𝓪"},
    {"liam", "Liam"},
    {"ava", "ava"},
    {"jack", "Jack"},
    {"mia", "ᴍɪᴀ"},
    {"leo", "LEO"},
    {"chloe", "Chloé"},
    {"lucas", "Lucas"},
    {"zoe", "Zoë"},
    {"ethan", "Ethan"},
    {"sofia", "Sofía"},
    {"amir", "أمير"},
    {"yuki", "ゆき"},
    {"minjun", "민준"},
    {"cat.lover", "🐱🐱🐱"},
    {"night.owl", "Night 🦉"},
    {"sunny", "☀️ Sunny ☀️"},
    {"fox", "🦊"},
    {"gamer", "G A M E R"},
    {"coffee", "Coffee ☕"},
    {"dot", "."},
    {"traveller", "путешественник"},
};

static const char *const decorations[] = {"%s",    "%s 🌸",      "%s 💫", "✨%s✨", "%s_%s", "%s 🔥",
                                          "%s 🇷🇺", "%s ❤️", "♡ %s", "%s 🎧", "%s 😎",  "%s "};

/* Real ids have 19 digits and stay below 2^63. */
static int64_t id_of_handle(const char *handle)
{
    return 6500000000000000000 + (int64_t)(dice_hash(handle) % 1000000000000000000u);
}

static void person_describe(struct person *person)
{
    struct dice dice = {dice_hash(person->handle)};
    person->id = id_of_handle(person->handle);
    person->followers = (int)dice_between(&dice, 0, 5000);
    person->follow_status = (int)dice_below(&dice, 3);
    person->gifter_level = dice_below(&dice, 2) ? (int)dice_between(&dice, 1, 40) : 0;
    person->team_level = dice_below(&dice, 3) ? 0 : (int)dice_between(&dice, 1, 25);
    person->moderator = dice_below(&dice, 40) == 0;
    person->subscriber = dice_below(&dice, 20) == 0;
}

/* "%s_%s" and the other decorations: at most two names, no other conversion. */
static void nickname_write(struct person *person, const char *pattern, const char *name)
{
    size_t used = 0;
    for (; *pattern && used + 1 < sizeof(person->nickname); pattern++) {
        if (pattern[0] == '%' && pattern[1] == 's') {
            int length =
                snprintf(person->nickname + used, sizeof(person->nickname) - used, "%s", name);
            used += (size_t)length;
            pattern++;
        } else {
            person->nickname[used++] = *pattern;
        }
    }
    person->nickname[used < sizeof(person->nickname) ? used : sizeof(person->nickname) - 1] = '\0';
}

void person_make(uint64_t number, struct person *ret_person)
{
    size_t index = number % PEOPLE_COUNT;
    size_t name = index % ARRAY_LEN(names);
    size_t round = index / ARRAY_LEN(names);

    snprintf(ret_person->handle, sizeof(ret_person->handle), "%s%s%zu", names[name].handle,
             round % 2 ? "_" : ".", 7 + round * 13);
    nickname_write(ret_person, decorations[round % ARRAY_LEN(decorations)], names[name].nickname);
    person_describe(ret_person);
}

void person_make_named(const char *handle, const char *nickname, struct person *ret_person)
{
    snprintf(ret_person->handle, sizeof(ret_person->handle), "%s", handle);
    snprintf(ret_person->nickname, sizeof(ret_person->nickname), "%s",
             nickname ? nickname : handle);
    person_describe(ret_person);
}
