// SPDX-License-Identifier: MIT
#include "mock-daemon/account.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <virwire/event.h>

#include "base/room.h"

void vw_accounts_init(struct vw_accounts *a)
{
    *a = (struct vw_accounts){.kept = false};
    TAILQ_INIT(&a->list);
}

static void forget(struct vw_accounts *a, struct vw_account *x)
{
    TAILQ_REMOVE(&a->list, x, link);
    free(x->rows.list);
    free(x->name);
    free(x);
}

void vw_accounts_finish(struct vw_accounts *a)
{
    while (!TAILQ_EMPTY(&a->list))
        forget(a, TAILQ_FIRST(&a->list));
    vw_accounts_clear(a);
}

static void clear_rows(struct vw_account_rows *rows)
{
    free(rows->list);
    *rows = (struct vw_account_rows){0};
}

static void forget_over(struct vw_accounts *a, uint32_t most)
{
    struct vw_account *next;
    for (struct vw_account *x = TAILQ_FIRST(&a->list); x && a->n_over > most; x = next) {
        next = TAILQ_NEXT(x, link);
        if (!x->until_ns)
            continue;
        forget(a, x);
        a->n_over--;
    }
}

void vw_accounts_clear(struct vw_accounts *a)
{
    forget_over(a, 0);
    clear_rows(&a->total);
    for (struct vw_account *x = TAILQ_FIRST(&a->list); x; x = TAILQ_NEXT(x, link))
        clear_rows(&x->rows);
}

struct vw_account *vw_account_begin(struct vw_accounts *a, const char *listener, int64_t ns)
{
    struct vw_account *x = a->kept ? calloc(1, sizeof(*x)) : NULL;
    if (!x)
        return NULL;
    x->number = ++a->n;
    x->listener = listener;
    x->since_ns = ns;
    TAILQ_INSERT_TAIL(&a->list, x, link);
    return x;
}

static void count(struct vw_account_rows *rows, const struct vw_proc *proc, bool failed)
{
    size_t i = 0;
    while (i < rows->count && rows->list[i].proc != proc)
        i++;
    if (i == rows->count) {
        struct vw_account_row *more = vw_room(rows->list, rows->count, sizeof(*more));
        if (!more)
            return;
        rows->list = more;
        rows->list[rows->count++] = (struct vw_account_row){.proc = proc};
    }
    rows->list[i].calls++;
    rows->list[i].errors += failed;
}

static void tell(const struct vw_accounts *a)
{
    if (a->changed)
        a->changed(a->user);
}

void vw_account_call(struct vw_accounts *a, struct vw_account *x, const struct vw_proc *proc,
                     bool failed)
{
    if (!x || !proc)
        return;
    count(&x->rows, proc, failed);
    count(&a->total, proc, failed);
    tell(a);
}

void vw_account_opened(struct vw_account *x, const char *name)
{
    if (!x || !name)
        return;
    free(x->name);
    x->name = strdup(name);
}

void vw_account_why(struct vw_account *x, const char *fmt, ...)
{
    va_list ap;
    if (!x || *x->why)
        return;
    va_start(ap, fmt);
    vsnprintf(x->why, sizeof(x->why), fmt, ap);
    va_end(ap);
}

void vw_account_closed(struct vw_account *x, const struct vw_event *ev)
{
    static const char *const whys[] = {
        [VW_CLOSE_EOF] = "the client has closed it",
        [VW_CLOSE_TRUNCATED] = "the client has closed it within a message",
        [VW_CLOSE_VIOLATION] = "what the client has sent cannot be read on",
        [VW_CLOSE_KEEPALIVE] = "the client no longer answers",
        [VW_CLOSE_LOCAL] = "virwired has closed it, as was asked for"};
    if (*ev->clause)
        vw_account_why(x, "%s: %s (%s)", whys[ev->reason], ev->text, ev->clause);
    else
        vw_account_why(x, "%s", whys[ev->reason]);
}

void vw_account_end(struct vw_accounts *a, struct vw_account *x, int64_t ns)
{
    if (!x)
        return;
    vw_account_why(x, "virwired has ended it");
    x->until_ns = ns;
    a->n_over++;
    forget_over(a, VW_ACCOUNTS_OVER);
    tell(a);
}
