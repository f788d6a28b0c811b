/* link_torture.h - broken texts, for the tests of calling sides. */
#ifndef TESTS_SUPPORT_LINK_TORTURE_H
#define TESTS_SUPPORT_LINK_TORTURE_H

#include "tests/support/link_probe.h"

/* Hears text cut at every byte, with each value of its objects (two levels deep, and in arrays)
 * swapped for values of every type, and with each member left out; texts of which it makes nothing
 * put nothing through the sink. */
void link_torture(struct link_probe *p, const char *text);

/* The same of the body of an answer with 200, to a request of the login, or (behind it) of the
 * codec's own. fresh: makes the probe ready for it each time. */
void link_torture_answer(struct link_probe *p, uint32_t tag, const char *body,
			 void (*fresh)(struct link_probe *));

#endif
