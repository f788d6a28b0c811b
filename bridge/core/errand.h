/* errand.h - what travels with the mail between workers and the backends' sockets, beside the
 * event: who asks, whom, by which rule, and what was answered. */
#ifndef BRIDGE_CORE_ERRAND_H
#define BRIDGE_CORE_ERRAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/backend/wire.h"
#include "codecs/codec.h"
#include "codecs/text/name.h"
#include "routes/rules/route_table.h"

struct publication;
struct room_entry;

/* A login that a backend judges. */
struct login_claim {
	const char *dialect, *mount; /* constant for the process */
	char *name, *secret;         /* owned; NULL: none */
	size_t name_len, secret_len;
	uint64_t number;
	bool anonymous;
	struct room_entry *room; /* asked for; NULL: the mount's */
	char *correlation;       /* owned; NULL: the login came with the upgrade */
	size_t correlation_len;
	/* what was answered: whose it is, when allowed */
	bool has_as;
	char as_name[NAME_BYTES_MAX];
	size_t as_name_len;
	uint32_t as_number, as_roles;
};

struct errand {
	size_t place;                    /* index of the backend, or of the tap */
	unsigned worker;                 /* where the draft waits for a verdict */
	uint64_t serial;                 /* of that passage */
	const struct route_table *table; /* held; NULL: no rule is behind this */
	size_t rule;
	/* POST_DRAFT: the step behind the one that brought it to its room; taps and backends from
	 * there on, up to the first other step, get it as it was ordered. 0: nothing follows. */
	size_t follows;
	uint32_t deadline_ms; /* 0: the backend's own */
	enum wire_cause cause;
	struct login_claim *login; /* owned; NULL: it is about an event */
	/* the verdict */
	bool changes_text, changes_action, action;
	char *text; /* owned: the reason of a refusal, or the new text; NULL: none */
	size_t text_len;
	/* A backend's own request: whom to answer. Owned, one block; only the worker that owns the
	 * backend looks into it. NULL: none. */
	struct publication *publication;
	/* POST_MEMBERS on its way back: owned, one block with the names they point at */
	struct person *members;
	size_t member_count;
};

/* Returns new, zeroed. */
struct errand *errand_new(void);

/* NULL is ignored. Secrets are wiped. */
void errand_free(struct errand *errand);

/* The name of the rule behind it; absent: none. Borrows. */
struct slice errand_rule(const struct errand *errand);

/* Keeps a copy of text as the errand's (borrows). An absent slice clears it. */
void errand_put_text(struct errand *errand, struct slice text);

/* The errand's text; absent: none. Borrows. */
struct slice errand_text(const struct errand *errand);

/* Copies a login (borrows). */
struct login_claim *login_claim_new(const struct codec_login *login);

#endif
