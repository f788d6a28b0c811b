/* judge.h - a backend's instance in memory that allows whatever it is asked, the latest first, and
 * acknowledges whatever it is told: for tests in which workers run on threads. It lives on the
 * thread of the worker that owns its backend. */
#ifndef TESTS_SUPPORT_JUDGE_H
#define TESTS_SUPPORT_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

struct bridge;
struct judge;

/* Before the threads run: attached to the backend of that index. Returns new. */
struct judge *judge_new(struct bridge *bridge, size_t backend);
void judge_free(struct judge *judge);

/* Has it something to say? NULL: no. */
bool judge_busy(const struct judge *judge);

/* How much it was asked and told. */
size_t judge_asked(const struct judge *judge);
size_t judge_told(const struct judge *judge);

#endif
