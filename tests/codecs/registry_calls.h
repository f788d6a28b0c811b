/* registry_calls.h - what requests of HTTP make that no frame makes. For test_registry.c. */
#ifndef TESTS_CODECS_REGISTRY_CALLS_H
#define TESTS_CODECS_REGISTRY_CALLS_H

#include "codecs/registry.h"
#include "tests/support/call_probe.h"
#include "tests/support/dialects.h"

static const struct {
	size_t dialect;
	enum call_method method;
	const char *target, *body;
} calls[] = {
	{ DIALECT_CONCORD, CALL_PATCH, "/api/chats/5", "{\"content\":\"x\"}" },
	{ DIALECT_CONCORD, CALL_DELETE, "/api/chats/5", NULL },
};

static inline void make_calls(size_t dialect, bool made[ENVELOPE_KINDS])
{
	static const struct codec_told nothing;
	static struct call_probe p;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i].dialect != dialect)
			continue;
		call_probe_open(&p, registry_codec(dialect));
		call_probe_ask(&p, calls[i].method, calls[i].target, calls[i].body);
		call_probe_step(&p, &nothing);
		assert_int_equal(p.want.kind, WANT_DRAFT);
		assert_false(made[p.want.draft.event.kind]);
		made[p.want.draft.event.kind] = true;
		call_probe_close(&p);
	}
}

#endif
