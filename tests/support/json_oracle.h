/* json_oracle.h - jansson's opinion of a JSON text, to hold codecs/text/json_read.h and
 * json_write.h against. It stands apart because jansson's names cannot share a source file with
 * ours. */
#ifndef TESTS_SUPPORT_JSON_ORACLE_H
#define TESTS_SUPPORT_JSON_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a text was refused, as far as a difference to ours is known or promised. */
enum oracle_verdict {
	ORACLE_VALID,
	ORACLE_INVALID,
	ORACLE_DUPLICATE,
	ORACLE_BIG_NUMBER, /* an integer beyond int64, a real beyond double: ours keep the text */
	ORACLE_LONE_SURROGATE, /* ours become U+FFFD */
	ORACLE_NUL_IN_NAME     /* ours are names like any other */
};

enum oracle_type {
	ORACLE_NULL,
	ORACLE_FALSE,
	ORACLE_TRUE,
	ORACLE_INTEGER,
	ORACLE_REAL,
	ORACLE_STRING,
	ORACLE_ARRAY,
	ORACLE_OBJECT
};

/* A value; borrows from the root it was reached from. value NULL: none. */
struct oracle {
	void *value;
	enum oracle_type type;
	const char *text; /* ORACLE_STRING */
	size_t len;
	int64_t integer;
	double real;
};

/* Reads any JSON value. *root: returns new, to be freed, when the verdict is ORACLE_VALID. */
enum oracle_verdict oracle_read(const char *text, size_t len, struct oracle *root);

void oracle_free(struct oracle *root);

/* Members of an object or items of an array. */
size_t oracle_count(const struct oracle *parent);

/* The index-th member (name is set, NUL-terminated) or item (name is ignored). */
struct oracle oracle_child(const struct oracle *parent, size_t index, const char **name,
			   size_t *name_len);

#endif
