/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/phrases.h"

#include "lib/base/macros.h"

static const char *const russian[] = {
    "Привет всем!",
    "Здравствуйте, я у вас впервые 😊",
    "Как дела?",
    "Добрый вечер из Казани!",
    "Какая сегодня погода у вас?",
    "Очень уютный эфир",
    "Поставьте песню повеселее, пожалуйста",
    "Спасибо за стрим ❤️",
    "Ахахаха 😂😂",
    "А кошку покажете?",
    "Сколько будет идти эфир?",
    "Я только с работы, что пропустила?",
    "Звук отличный, картинка тоже",
    "Немного тихо, сделайте погромче",
    "Ты сегодня прекрасно выглядишь!",
    "Кто из Сибири, отзовитесь",
    "Пью чай и смотрю вас ☕",
    "Это лучший эфир за неделю",
    "А что за игра?",
    "Удачи в следующем раунде!",
    "Ого, вот это да!",
    "+",
    "Согласна на все сто",
    "Расскажите, как вы начинали",
    "Вы откуда?",
    "Подписалась, жду новых видео",
    "Передайте привет Ульяне из Твери, у неё сегодня день рождения 🎂",
    "Можно вопрос? Какой у вас микрофон?",
    "У меня кот тоже так делает 😹",
    "Хорошего вам дня!",
    "Давайте наберём 10 000 лайков!",
    "Красиво поёшь 🎤",
    "Я уже третий час тут сижу, а завтра в восемь утра на учёбу, но оторваться невозможно",
    "Спокойной ночи, мне пора",
    "Рецепт скиньте потом, очень аппетитно",
    "Не грусти, всё получится",
    "Первый!",
    "Какой ник в игре?",
    "Люблю ваши эфиры, они поднимают настроение",
    "Смотрю вместе с бабушкой, она передаёт вам привет",
};

static const char *const english[] = {
    "Hello everyone!",
    "Hi from Manchester 👋",
    "First time here, love the vibe",
    "How is your day going?",
    "What song is this?",
    "The sound is great today",
    "lol 😂",
    "Can you say hi to my sister Amy?",
    "Good morning from Canada",
    "You've got this!",
    "That was so close!",
    "I just finished work, what did I miss?",
    "Your cat is adorable 🐈",
    "gg",
    "Which game is next?",
    "Thanks for the stream ❤️",
    "Please turn the music down a bit",
    "I made the soup you showed last week, it was delicious",
    "Happy birthday to everybody who was born in November 🎉",
    "Where did you get that lamp?",
    "W stream",
    "Notifications are on, see you tomorrow",
    "Could you explain that once more, a bit slower?",
    "I'm learning Russian, privet!",
    "Goal: ten thousand likes, come on chat!",
    "Nice one",
    "What microphone are you using?",
    "Best part of my evening",
    "Take a break and drink some water 💧",
    "Good night from Sydney, it's already 2 am here",
};

/* Russian is said more often than English, as with the audience that the suite is for. */
struct phrase phrase_pick(struct dice *dice)
{
    if (dice_below(dice, 5) < 3)
        return (struct phrase){russian[dice_below(dice, ARRAY_LEN(russian))], "ru"};
    return (struct phrase){english[dice_below(dice, ARRAY_LEN(english))], "en"};
}
