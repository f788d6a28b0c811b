/* wire_golden.h - the examples in contrib/schema/examples, as the tests of codecs/backend/wire.h
 * need them.
 */
#ifndef TESTS_CODECS_BACKEND_WIRE_GOLDEN_H
#define TESTS_CODECS_BACKEND_WIRE_GOLDEN_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/json_write.h"

#define GOLDEN_FOLDER    "contrib/schema/examples"
#define GOLDEN_BYTES_MAX 16384

/* Takes away the white space between tokens, in place. */
static inline size_t golden_squeeze(char *text, size_t len)
{
	size_t out = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (quoted && text[i] == '\\') {
			text[out++] = text[i++];
		} else if (text[i] == '"') {
			quoted = !quoted;
		} else if (!quoted && strchr(" \t\r\n", text[i])) {
			continue;
		}
		text[out++] = text[i];
	}
	return out;
}

/* The example of that name as one line without spaces. text: GOLDEN_BYTES_MAX bytes. */
static inline struct slice golden_read(const char *name, char *text)
{
	char path[256];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), GOLDEN_FOLDER "/%s.json", name);
	file = fopen(path, "r");
	if (!file)
		fail_msg("%s: cannot be read", path);
	len = fread(text, 1, GOLDEN_BYTES_MAX, file);
	fclose(file);
	assert_in_range(len, 1, GOLDEN_BYTES_MAX - 1);
	return slice_span(text, golden_squeeze(text, len));
}

/* Calls each with the name of every example that begins with prefix. */
static inline void golden_each(const char *prefix, void (*each)(const char *name))
{
	DIR *folder = opendir(GOLDEN_FOLDER);
	struct dirent *entry;
	size_t count = 0;

	if (!folder)
		fail_msg(GOLDEN_FOLDER ": cannot be read; tests run from the top of the tree");
	while ((entry = readdir(folder))) {
		char name[256];
		size_t len = strlen(entry->d_name);

		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 || len < 5 ||
		    strcmp(entry->d_name + len - 5, ".json") != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(len - 5), entry->d_name);
		each(name);
		count++;
	}
	closedir(folder);
	assert_true(count > 0);
}

/* Which examples this program has compared. */
static const char *golden_compared[64];

/* Holds what was written against the example, and frees it. */
static inline void golden_compare(const char *name, struct json_writer *w)
{
	size_t at = 0;
	char text[GOLDEN_BYTES_MAX];
	struct slice expected = golden_read(name, text);

	if (w->len != expected.len || memcmp(w->data, expected.data, w->len) != 0)
		fail_msg("%s:\n  wrote    %.*s\n  expected %.*s", name, (int)w->len, w->data,
			 (int)expected.len, expected.data);
	json_clear(w);
	while (golden_compared[at])
		at++;
	assert_in_range(at, 0, sizeof(golden_compared) / sizeof(golden_compared[0]) - 2);
	golden_compared[at] = name;
}

/* For golden_each(): fails for an example that was not compared. */
static inline void golden_check(const char *name)
{
	size_t at = 0;

	while (golden_compared[at] && strcmp(golden_compared[at], name) != 0)
		at++;
	if (!golden_compared[at])
		fail_msg("%s: no test writes this example", name);
}

#endif
