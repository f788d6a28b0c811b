/* fixtures.h - a frame for every message that clients of each dialect can send, and what can go
 * wrong with it: cut short, a value of another type, a member left out or twice, damaged bytes. */
#ifndef TESTS_SUPPORT_FIXTURES_H
#define TESTS_SUPPORT_FIXTURES_H

#include <stddef.h>

#include "codecs/registry.h"
#include "codecs/text/slice.h"
#include "tests/support/dialects.h"

/* Ids in the fixtures that can be real: what the peer that reads them should be called. */
#define FIXTURE_KEY    "key:secret" /* rooms: of the connection */
#define FIXTURE_NUMBER 1            /* mixer and concord: of the room */
#define FIXTURE_ROOM   "93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b"

struct fixture {
	enum dialect dialect;
	const char *text; /* JSON without white space */
};

extern const struct fixture fixtures[];
extern const size_t fixture_count;

/* Called for each damaged frame; text is valid during the call. */
typedef void fixture_visit(void *context, struct slice text);

/* Cut at every byte: from nothing to all but the last. */
void fixture_cut(const struct fixture *fixture, fixture_visit *visit, void *context);

/* Every value, at any depth, swapped for values of every type; every member left out; twice. */
void fixture_swap(const struct fixture *fixture, fixture_visit *visit, void *context);

/* count random damages of a few bytes, the same in every run for the same seed. */
void fixture_damage(const struct fixture *fixture, unsigned seed, unsigned count,
		    fixture_visit *visit, void *context);

#endif
