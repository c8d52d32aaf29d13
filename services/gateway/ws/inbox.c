/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/inbox.h"

void inbox_init(struct inbox *inbox, void (*wake)(void *closure), void *closure)
{
    *inbox = (struct inbox){.is_open = true, .wake = wake, .closure = closure};
    pthread_mutex_init(&inbox->lock, NULL);
}

static bool admit(struct inbox *inbox, const struct inbox_item *item)
{
    if (!item->is_event)
        return true;
    if (inbox->events == INBOX_EVENTS_MAX) {
        inbox->lost_events = true;
        return false;
    }
    inbox->events++;
    return true;
}

static void append(struct inbox *inbox, const struct inbox_item *item)
{
    struct inbox_item *copy = malloc(sizeof(*copy));
    if (!copy)
        abort();
    *copy = *item;
    copy->next = NULL;
    if (inbox->last)
        inbox->last->next = copy;
    else
        inbox->first = copy;
    inbox->last = copy;
}

void inbox_put(struct inbox *inbox, const struct inbox_item *item)
{
    pthread_mutex_lock(&inbox->lock);
    bool was_empty = !inbox->first;
    bool admitted = admit(inbox, item);
    if (admitted)
        append(inbox, item);
    /* Under the lock, so that nothing is woken after inbox_close. */
    if (was_empty && inbox->is_open)
        inbox->wake(inbox->closure);
    pthread_mutex_unlock(&inbox->lock);
    if (!admitted)
        natsMsg_Destroy(item->message);
}

bool inbox_run(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    struct inbox_item *item = inbox->first;
    bool lost = inbox->lost_events;
    inbox->first = inbox->last = NULL;
    inbox->events = 0;
    inbox->lost_events = false;
    pthread_mutex_unlock(&inbox->lock);

    while (item) {
        struct inbox_item *next = item->next;
        item->run(item);
        natsMsg_Destroy(item->message);
        free(item);
        item = next;
    }
    return lost;
}

void inbox_close(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->is_open = false;
    pthread_mutex_unlock(&inbox->lock);
}

void inbox_done(struct inbox *inbox)
{
    inbox_run(inbox);
    pthread_mutex_destroy(&inbox->lock);
}
