/* attempt.h - reading the event of dragoman routes: what event.c and author.c share;
 * only they include it. Errors are written to errors, as "dragoman: the event: ...".
 */
#ifndef BRIDGE_COMMAND_TRIED_ATTEMPT_H
#define BRIDGE_COMMAND_TRIED_ATTEMPT_H

#include "bridge/command/tried/state.h"
#include "codecs/text/json_read.h"
#include "codecs/text/name.h"

struct attempt {
	const struct bridge *bridge;
	FILE *errors;
	struct tried_event *out;
	struct json_object object;
	char *scratch; /* where the next text is unescaped to */
	struct envelope event;
	struct slice author_name; /* absent: not said */
	uint32_t roles;           /* 0: not said */
	char name[NAME_BYTES_MAX];
};

/* Say what is wrong; false. unknown: which is meant, or which of known (NULL-terminated) there are.
 */
bool attempt_wrong(const struct attempt *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool attempt_unknown(const struct attempt *r, const char *what, struct slice word,
		     const char *const *known);

/* Is word one of known? Are all of object's keys, or else it is said? */
bool attempt_knows(struct slice word, const char *const *known);
bool attempt_keys(const struct attempt *r, const struct json_object *object,
		  const char *const *known);

/* The text of a value; absent when it is none. */
struct slice attempt_text(struct attempt *r, struct json_value value);

/* A member that has to be there and be a text. */
bool attempt_word(struct attempt *r, const struct json_object *object, const char *key,
		  struct slice *word);

/* A member of the event that is an object, whose keys are known; *given says whether it is there.
 */
bool attempt_object(const struct attempt *r, const char *key, const char *const *known,
		    struct json_object *object, bool *given);

/* A number from 0 to max; when it is absent *number stays. */
bool attempt_number(const struct attempt *r, struct json_value value, const char *key, int64_t max,
		    uint64_t *number);

#endif
