/* verb_values.h - what the arguments of commands on a running server may be. Pure; any thread. */
#ifndef BRIDGE_ADMIN_CONTROL_VERBS_VERB_VALUES_H
#define BRIDGE_ADMIN_CONTROL_VERBS_VERB_VALUES_H

#include <stdint.h>

enum verb_value {
	VALUE_TEXT,     /* any, but not empty */
	VALUE_PERSON,   /* a name, or "#7" */
	VALUE_TARGET,   /* the same, or an address or network */
	VALUE_ROOM,     /* the name of a room */
	VALUE_UPSTREAM, /* the name of an upstream */
	VALUE_DURATION, /* "90s", "15m", "2h", "7d" */
	VALUE_LEVEL,    /* of the log */
	VALUE_ROLE,     /* "+mod", "-mod" */
	VALUE_NAME,     /* of a new account */
	VALUE_AMOUNT,   /* 0 to 1000000 */
	VALUE_NUMBER,   /* of a new account */
	VALUE_STANDING, /* "mod": a role that an account always has */
	VALUE_CHANGE,   /* "+mod", "-mod" of those */
	VALUE_ID,       /* of a message: a number */
	VALUE_MESSAGE,  /* the same, or a UUID */
	VALUE_COUNT,    /* 1 to 1000 */
	VALUE_FILE,     /* a path */
	VALUE_YES       /* of an option that takes none */
};

/* What is wrong with a value: constant text to follow it ("is not ..."). NULL: nothing. */
const char *verb_value_fault(enum verb_value value, const char *text);

#define VERB_COUNT_MAX 1000 /* VALUE_COUNT */

/* The milliseconds of a VALUE_DURATION that has no fault; at least 1. */
uint64_t verb_duration_ms(const char *text);

#endif
