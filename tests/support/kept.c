#include "tests/support/kept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void answer(struct kept *kept, struct bridge *bridge, struct lasting *lasting)
{
	lasting->failed = kept->fails;
	if (kept->fails)
		snprintf(lasting->why, sizeof(lasting->why), "disk full");
	mailbox_post(&bridge->main_box, lasting_post(lasting));
}

static void keep(struct bridge *bridge, struct lasting *lasting)
{
	struct kept *kept = (struct kept *)bridge->store;

	assert_true(kept->count < KEPT_MAX);
	kept->got[kept->count++] = *lasting;
	if (kept->holds)
		kept->held[kept->held_count++] = lasting;
	else
		answer(kept, bridge, lasting);
}

void kept_use(struct kept *kept, struct bridge *bridge)
{
	memset(kept, 0, sizeof(*kept));
	kept->store.keep = keep;
	bridge->store = &kept->store;
}

void kept_go(struct kept *kept, struct bridge *bridge)
{
	for (size_t i = 0; i < kept->held_count; i++)
		answer(kept, bridge, kept->held[i]);
	kept->held_count = 0;
}

const struct lasting *kept_last(const struct kept *kept, enum lasting_kind kind)
{
	assert_true(kept->count > 0);
	assert_int_equal(kept->got[kept->count - 1].kind, kind);
	return &kept->got[kept->count - 1];
}

void kept_leave(struct kept *kept, struct bridge *bridge)
{
	kept_go(kept, bridge);
	bridge->store = NULL;
}
